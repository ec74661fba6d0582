// Whose alerts are whose: teams with their channels and rota, the clouds that wake nobody, the hour of the weekly report.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import { getChannels, type Channel } from '../../api/manage';
import { may } from '../../api/session';
import {
  getAlerting,
  getRotas,
  getTeams,
  putAlerting,
  removeTeam,
  type Alerting,
  type Rota,
  type Team,
} from '../../api/teams';
import { serverNow } from '../../live/clock';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { Confirm, Field, Form, field } from '../../parts/form';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Panel } from '../../parts/panel';
import { Select } from '../../parts/select';
import { Text } from '../../parts/text';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { offsetOf, sentOffset, shownOffset, typedOffset } from '../../text/lengths';
import { showMatcher } from '../../text/matchers';
import { zone } from '../../text/time';
import { offsetAt } from '../../text/zones';
import { SettingsTabs } from './settings_tabs';
import { TeamForm } from './team_form';

const kWeekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** What the forms and rows need besides: names of channels and rotas. */
export interface Around {
  channels: Channel[];
  rotas: Rota[];
}
interface All extends Around {
  teams: Team[];
}

async function getAll(signal?: AbortSignal): Promise<All> {
  const [teams, channels, rotas] = await Promise.all([
    getTeams(signal),
    may('operator') ? getChannels(signal) : Promise.resolve([]), // only who may change them may see them
    getRotas(signal),
  ]);
  return { teams, channels, rotas };
}

const nameOf = (id: string, all: readonly { id: string; name: string }[]): string =>
  all.find((one) => one.id === id)?.name ?? w('team_gone');

interface RowProps {
  team: Team;
  around: Around;
  edit: () => void;
  remove: () => void;
}
function Row({ team, around, edit, remove }: RowProps) {
  const matchers = (team.matchers ?? []).map(showMatcher).join(', ');
  return (
    <tr data-id={team.id}>
      <th scope="row">
        <Text value={team.name} />
      </th>
      <td class="wide-cell">
        <Text value={matchers || w('team_by_label')} />
      </td>
      <td class="wide-cell">
        <Text
          value={
            may('operator')
              ? (team.channels ?? []).map((id) => nameOf(id, around.channels)).join(', ') || '–'
              : String(team.channels?.length ?? 0)
          }
        />
      </td>
      <td>
        <Text value={team.rota ? nameOf(team.rota, around.rotas) : '–'} />
      </td>
      <td class="acts">
        {may('operator') && (
          <>
            <button type="button" onClick={edit}>
              {w('edit')}
            </button>
            <button type="button" onClick={remove}>
              {w('remove')}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

function reportOf(data: FormData): Alerting['report'] {
  const weekday = field(data, 'weekday');
  if (!weekday) return null;
  return { weekday, at: field(data, 'at'), utc_offset: sentOffset(typedOffset(field(data, 'offset'))) };
}

function AlertingForm({ of, saved }: { of: Alerting; saved: (next: Alerting) => void }) {
  const save = async (data: FormData) => {
    const next = { ...of, no_page: lines(field(data, 'no_page')), report: reportOf(data) };
    saved(await putAlerting(next));
    say(w('alerting_saved'));
  };
  return (
    <Form submit={t('save')} onSubmit={save}>
      <Field label={w('no_page')} hint={w('no_page_hint')}>
        <textarea
          name="no_page"
          rows={3}
          spellcheck={false}
          placeholder={'environment=~"staging|dev.*"'}
          defaultValue={of.no_page.join('\n')}
        />
      </Field>
      <div class="field-row">
        <Field label={w('report_day')} hint={w('report_hint')}>
          <Select
            name="weekday"
            first={of.report?.weekday ?? ''}
            options={[['', w('never')], ...kWeekdays.map((day) => [day, wordOf('day_', day)] as const)]}
          />
        </Field>
        <Field label={w('report_at')}>
          <input name="at" type="time" required defaultValue={of.report?.at ?? '08:00'} />
        </Field>
        <Field label={w('report_offset')}>
          <input
            name="offset"
            required
            pattern="[+\-]?[0-9]{1,2}:[0-9]{2}"
            defaultValue={shownOffset(
              of.report ? offsetOf(of.report.utc_offset) : offsetAt(zone.value, serverNow()),
            )}
          />
        </Field>
      </div>
    </Form>
  );
}

function AlertingShown({ of }: { of: Alerting }) {
  return (
    <p class="pad muted">
      <Text value={of.no_page.join(', ') || w('no_page_none')} />.{' '}
      {of.report
        ? w('report_is', {
            day: wordOf('day_', of.report.weekday),
            at: of.report.at,
            offset: shownOffset(offsetOf(of.report.utc_offset)),
          })
        : w('report_never')}
    </p>
  );
}

export function TeamsPage() {
  const all = useResource('teams', getAll);
  const alerting = useResource('alerting', getAlerting);
  const [editing, setEditing] = useState<Team | 'new' | null>(null);
  const [removing, setRemoving] = useState<Team | null>(null);
  const around = all.data.value;
  return (
    <div class="page teams">
      <Title title={w('teams')}>
        {may('operator') && (
          <button type="button" class="primary" onClick={() => setEditing('new')}>
            {w('team_new')}
          </button>
        )}
      </Title>
      <SettingsTabs here="/settings/teams" />
      <p class="muted">{w('teams_text')}</p>
      <Loaded of={all}>
        {(of) => (
          <Grid
            label={w('teams')}
            columns={[t('name'), w('team_owns'), t('channels'), w('team_rota'), '']}
            empty={w('no_teams')}
            rows={of.teams.map((team) => (
              <Row
                key={team.id}
                team={team}
                around={of}
                edit={() => setEditing(team)}
                remove={() => setRemoving(team)}
              />
            ))}
          />
        )}
      </Loaded>
      <Panel title={w('alerting')} class="alerting">
        <Loaded of={alerting} rows={2}>
          {(of) =>
            may('admin') ? (
              <div class="pad">
                <AlertingForm
                  of={of}
                  saved={(next) => {
                    alerting.data.value = next;
                  }}
                />
              </div>
            ) : (
              <AlertingShown of={of} />
            )
          }
        </Loaded>
      </Panel>
      {editing && around && (
        <TeamForm
          team={editing === 'new' ? null : editing}
          around={around}
          close={() => setEditing(null)}
          changed={() => all.reload()}
        />
      )}
      {removing && (
        <Confirm
          title={w('team_remove')}
          text={w('team_remove_text', { name: removing.name })}
          submit={w('remove')}
          close={() => setRemoving(null)}
          run={async () => {
            await removeTeam(removing.id);
            say(w('team_removed'));
            all.reload();
          }}
        />
      )}
    </div>
  );
}
