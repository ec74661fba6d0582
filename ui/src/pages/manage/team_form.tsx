// A team being made or changed: what it owns, and how it is told.
import { useState } from 'preact/hooks';
import type { Matcher } from '../../api/manage';
import { changeTeam, makeTeam, type Team, type TeamInput } from '../../api/teams';
import { say } from '../../live/notice';
import { Dialog, Field, Form, field } from '../../parts/form';
import { MatcherFields } from '../../parts/matcher_fields';
import { Select } from '../../parts/select';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';
import { matcherOf } from '../../text/matchers';
import type { Around } from './teams';

interface TeamFormProps {
  /** null: a new one. */
  team: Team | null;
  around: Around;
  close: () => void;
  changed: () => void;
}
export function TeamForm({ team, around, close, changed }: TeamFormProps) {
  const [matchers, setMatchers] = useState<Matcher[]>(() => team?.matchers ?? []);
  const save = async (data: FormData) => {
    const rota = field(data, 'rota');
    const input: TeamInput = {
      name: field(data, 'name'),
      channels: data.getAll('channel').map(String),
      ...(rota ? { rota } : {}),
      ...(matchers.length > 0 ? { matchers } : {}),
    };
    await (team ? changeTeam(team.id, input) : makeTeam(input));
    say(w('team_saved'));
    changed();
    close();
  };
  return (
    <Dialog title={team ? w('team_edit', { name: team.name }) : w('team_new')} close={close} wide>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        <Field label={t('name')} hint={w('team_name_hint')}>
          <input name="name" required maxLength={100} autocomplete="off" defaultValue={team?.name ?? ''} />
        </Field>
        {matchers.length > 0 ? (
          <>
            <MatcherFields matchers={matchers} change={setMatchers} />
            <button type="button" class="link" onClick={() => setMatchers([])}>
              {w('team_by_name_only')}
            </button>
          </>
        ) : (
          <button type="button" class="link" onClick={() => setMatchers([matcherOf('service', '=~', '')])}>
            {w('team_more')}
          </button>
        )}
        <fieldset class="weekdays">
          <legend>{t('channels')}</legend>
          {around.channels.map((one) => (
            <label key={one.id} class="chip">
              <input
                type="checkbox"
                name="channel"
                value={one.id}
                defaultChecked={team?.channels?.includes(one.id) ?? false}
              />
              <Text value={one.name} />
            </label>
          ))}
          {around.channels.length === 0 && <span class="muted">{w('no_channels')}</span>}
        </fieldset>
        <Field label={w('team_rota')} hint={w('team_rota_hint')}>
          <Select
            name="rota"
            first={team?.rota ?? ''}
            options={[['', '–'], ...around.rotas.map((one) => [one.id, one.name] as const)]}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
