// "Put on a board": what a page shows becomes a panel of one of one's boards, or of a new one.
import { useState } from 'preact/hooks';
import { changeBoard, getBoards, makeBoard, type BoardPanel } from '../api/manage';
import { may, user } from '../api/session';
import { navigate } from '../live/router';
import { say } from '../live/notice';
import { useResource } from '../live/use_resource';
import { t } from '../text/i18n';
import { w } from '../text/lazy_words';
import { Dialog, Field, Form, field } from './form';
import { Select } from './select';

function Choose({ panel, close }: { panel: BoardPanel; close: () => void }) {
  const all = useResource('boards', getBoards);
  const boards = (all.data.value ?? []).filter((one) => one.owner === user.value?.name || may('operator'));
  const save = async (data: FormData) => {
    const made: BoardPanel = { ...panel, title: field(data, 'title') };
    const chosen = boards.find((one) => one.id === field(data, 'board'));
    const board = chosen
      ? await changeBoard({ ...chosen, body: { ...chosen.body, panels: [...chosen.body.panels, made] } })
      : await makeBoard(field(data, 'name') || w('board_new'), { panels: [made] });
    close();
    say(w('on_board', { name: board.name }));
    navigate(`/boards/${encodeURIComponent(board.id)}`);
  };
  return (
    <Dialog title={w('to_board')} close={close}>
      <Form submit={t('save')} cancel={close} onSubmit={save}>
        <Field label={w('panel_title')}>
          <input name="title" maxLength={200} defaultValue={panel.title ?? ''} autocomplete="off" />
        </Field>
        <Field label={w('board')}>
          <Select
            key={boards.length}
            name="board"
            first={boards[0]?.id ?? ''}
            options={[...boards.map((one): [string, string] => [one.id, one.name]), ['', w('board_new')]]}
          />
        </Field>
        <Field label={w('board_new_name')}>
          <input name="name" maxLength={200} autocomplete="off" />
        </Field>
      </Form>
    </Dialog>
  );
}

export function ToBoard({ panel, label }: { panel: BoardPanel; label?: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="to-board" onClick={() => setOpen(true)}>
        {label ?? w('to_board')}
      </button>
      {open && <Choose panel={panel} close={() => setOpen(false)} />}
    </>
  );
}
