// A note in an alert's history: its author and admins put it right or take it away.
import { useState } from 'preact/hooks';
import { may, user } from '../../api/session';
import { changeNote, removeNote } from '../../api/teams';
import type { AlertHistory } from '../../api/types';
import { say } from '../../live/notice';
import { Confirm, Dialog, Field, Form, field } from '../../parts/form';
import { t } from '../../text/i18n';
import { w } from '../../text/lazy_words';

interface NoteActsProps {
  alert: string;
  note: AlertHistory;
  changed: () => void;
}
export function NoteActs({ alert, note, changed }: NoteActsProps) {
  const [doing, setDoing] = useState<'edit' | 'remove' | null>(null);
  if (!may('responder') || !(may('admin') || note.user === user.value?.name)) return null;
  const close = () => setDoing(null);
  return (
    <span class="note-acts">
      <button type="button" class="link" onClick={() => setDoing('edit')}>
        {w('edit')}
      </button>{' '}
      <button type="button" class="link" onClick={() => setDoing('remove')}>
        {w('remove')}
      </button>
      {doing === 'edit' && (
        <Dialog title={w('note_edit')} close={close}>
          <Form
            submit={t('save')}
            cancel={close}
            onSubmit={async (data) => {
              await changeNote(alert, note.time, field(data, 'text'));
              say(w('note_changed'));
              changed();
              close();
            }}
          >
            <Field label={w('act_note')}>
              <textarea name="text" rows={4} required maxLength={2000} defaultValue={note.text} />
            </Field>
          </Form>
        </Dialog>
      )}
      {doing === 'remove' && (
        <Confirm
          title={w('note_remove')}
          text={w('note_remove_text')}
          submit={w('remove')}
          close={close}
          run={async () => {
            await removeNote(alert, note.time);
            say(w('note_removed'));
            changed();
          }}
        />
      )}
    </span>
  );
}
