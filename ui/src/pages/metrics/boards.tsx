// People's own dashboards: the list, and one with its panels. Panels come from the pages they show (parts/to_board.tsx) and
// are moved, widened and renamed here; a change is saved at once.
import { useState } from 'preact/hooks';
import '../../style/manage.css';
import {
  changeBoard,
  getBoard,
  getBoards,
  makeBoard,
  removeBoard,
  type Board,
  type BoardBody,
  type BoardPanel,
  type PanelKind,
} from '../../api/manage';
import { may, user } from '../../api/session';
import { navigate, query } from '../../live/router';
import { say } from '../../live/notice';
import { useResource } from '../../live/use_resource';
import { attempt } from '../../parts/attempt';
import { Confirm, Dialog, Field, Form, field } from '../../parts/form';
import { Icon } from '../../parts/icon';
import { Grid, Loaded, Title } from '../../parts/listing';
import { Empty, Panel } from '../../parts/panel';
import { RangePicks, rangeOf, type Range } from '../../parts/range';
import { Select } from '../../parts/select';
import { Text } from '../../parts/text';
import { At } from '../../parts/when';
import { t } from '../../text/i18n';
import { w, wordOf } from '../../text/lazy_words';
import { PanelBody, panelHref } from './board_panels';

const kKinds: readonly PanelKind[] = ['metrics', 'logs', 'alerts', 'text'];
const href = (board: Board): string => `/boards/${encodeURIComponent(board.id)}`;

function NewBoard({ close }: { close: () => void }) {
  const save = async (data: FormData) => {
    const made = await makeBoard(field(data, 'name'), { panels: [] }, data.get('shared') !== null);
    navigate(href(made));
  };
  return (
    <Dialog title={w('board_new')} close={close}>
      <Form submit={w('make')} cancel={close} onSubmit={save}>
        <Field label={t('name')}>
          <input name="name" required maxLength={200} autocomplete="off" />
        </Field>
        <label class="check">
          <input type="checkbox" name="shared" />
          {w('board_shared')}
        </label>
      </Form>
    </Dialog>
  );
}

export function BoardsPage() {
  const all = useResource('boards', getBoards);
  const [making, setMaking] = useState(false);
  return (
    <div class="page boards">
      <Title title={t('boards')}>
        <button type="button" class="primary" onClick={() => setMaking(true)}>
          {w('board_new')}
        </button>
      </Title>
      <Loaded of={all}>
        {(items) => (
          <Grid
            label={t('boards')}
            columns={[t('name'), t('owner'), w('panels_n'), w('changed')]}
            empty={
              <>
                <strong>{w('no_boards')}</strong> {w('no_boards_hint')}
              </>
            }
            rows={items.map((one) => (
              <tr key={one.id}>
                <th scope="row">
                  <a href={href(one)}>
                    <Text value={one.name} />
                  </a>
                </th>
                <td>
                  <Text value={one.owner} /> {one.shared && <span class="tag">{w('shared')}</span>}
                </td>
                <td class="num">{one.body.panels.length}</td>
                <td>
                  <At time={one.updated} /> <Text value={one.updated_by} />
                </td>
              </tr>
            ))}
          />
        )}
      </Loaded>
      {making && <NewBoard close={() => setMaking(false)} />}
    </div>
  );
}

interface PanelFormProps {
  panel: BoardPanel | null;
  close: () => void;
  save: (panel: BoardPanel) => Promise<boolean>;
}
function PanelForm({ panel, close, save }: PanelFormProps) {
  const submit = async (data: FormData) => {
    const done = await save({
      kind: field(data, 'kind') as PanelKind,
      title: field(data, 'title'),
      query: String(data.get('query') ?? ''),
      width: Number(field(data, 'width')),
    });
    if (done) close();
  };
  return (
    <Dialog title={w(panel ? 'panel_edit' : 'panel_new')} close={close} wide>
      <Form submit={t('save')} cancel={close} onSubmit={submit}>
        <div class="field-row">
          <Field label={w('kind')}>
            <Select
              name="kind"
              first={panel?.kind ?? 'metrics'}
              options={kKinds.map((one) => [one, wordOf('panel_', one)])}
            />
          </Field>
          <Field label={w('width')}>
            <Select
              name="width"
              first={String(panel?.width ?? 1)}
              options={[
                ['1', w('width_half')],
                ['2', w('width_whole')],
              ]}
            />
          </Field>
        </div>
        <Field label={w('panel_title')}>
          <input name="title" maxLength={200} autocomplete="off" defaultValue={panel?.title ?? ''} />
        </Field>
        <Field label={w('panel_query')} hint={w('panel_query_hint')}>
          <textarea
            name="query"
            rows={4}
            maxLength={4000}
            spellcheck={false}
            defaultValue={panel?.query ?? ''}
          />
        </Field>
      </Form>
    </Dialog>
  );
}

interface ShownPanelProps {
  of: BoardPanel;
  range: Range;
  /** null: only looked at. */
  tools: { move: (by: -1 | 1) => void; widen: () => void; edit: () => void; remove: () => void } | null;
}
function ShownPanel({ of, range, tools }: ShownPanelProps) {
  const title = of.title || of.query?.slice(0, 80) || wordOf('panel_', of.kind);
  const to = panelHref(of, range);
  const aside = tools ? (
    <div class="panel-tools">
      <button type="button" aria-label={w('move_back')} onClick={() => tools.move(-1)}>
        ←
      </button>
      <button type="button" aria-label={w('move_on')} onClick={() => tools.move(1)}>
        →
      </button>
      <button type="button" aria-label={w('widen')} onClick={tools.widen}>
        ↔
      </button>
      <button type="button" onClick={tools.edit}>
        {w('edit')}
      </button>
      <button type="button" aria-label={w('panel_remove')} onClick={tools.remove}>
        ×
      </button>
    </div>
  ) : to ? (
    <a href={to}>{w('open_panel')}</a>
  ) : undefined;
  return (
    <Panel title={title} class={`board-panel scrolls w-${of.width === 2 ? 2 : 1}`} aside={aside}>
      <PanelBody of={of} range={range} />
    </Panel>
  );
}

function JsonForm({
  board,
  close,
  save,
}: {
  board: Board;
  close: () => void;
  save: (next: Board) => Promise<boolean>;
}) {
  const submit = async (data: FormData) => {
    const body = JSON.parse(String(data.get('json'))) as BoardBody;
    if (await save({ ...board, body })) close();
  };
  return (
    <Dialog title={w('board_json')} close={close} wide>
      <Form submit={t('save')} cancel={close} onSubmit={submit}>
        <Field label="JSON" hint={w('board_json_hint')}>
          <textarea
            name="json"
            rows={16}
            spellcheck={false}
            defaultValue={JSON.stringify(board.body, null, 2)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}

type Open = { what: 'panel'; at: number } | { what: 'json' | 'remove' | 'rename' } | null;

/** The panels in another order; out of bounds changes nothing. */
export function moved<T>(all: readonly T[], at: number, by: number): T[] {
  const next = [...all];
  const to = at + by;
  if (to < 0 || to >= all.length) return next;
  const [one] = next.splice(at, 1);
  next.splice(to, 0, one!);
  return next;
}

interface ShownProps {
  board: Board;
  /** What the server has now; null: ask it. */
  changed: (board: Board | null) => void;
}
function Shown({ board, changed }: ShownProps) {
  const [editing, setEditing] = useState(false);
  const [open, setOpen] = useState<Open>(null);
  const mine = board.owner === user.value?.name || may('operator');
  const range = rangeOf(query.value.get('range') ?? board.body.range ?? null, '3h');
  const close = () => setOpen(null);
  const save = async (next: Board): Promise<boolean> => {
    const done = await attempt(() => changeBoard(next));
    changed(done ?? null);
    return done !== undefined;
  };
  const { panels } = board.body;
  const saveP = (next: BoardPanel[]) => save({ ...board, body: { ...board.body, panels: next } });
  const replaced = (at: number, panel: BoardPanel) => panels.map((one, i) => (i === at ? panel : one));
  return (
    <>
      <Title title={board.name}>
        <RangePicks chosen={range} first="3h" />
        {mine && (
          <button type="button" aria-pressed={editing} onClick={() => setEditing(!editing)}>
            {w(editing ? 'done_editing' : 'edit')}
          </button>
        )}
      </Title>
      {editing && (
        <div class="bar">
          <button type="button" class="primary" onClick={() => setOpen({ what: 'panel', at: panels.length })}>
            {w('panel_new')}
          </button>
          <button type="button" onClick={() => void save({ ...board, shared: !board.shared })}>
            {w(board.shared ? 'unshare' : 'share')}
          </button>
          <button type="button" onClick={() => void save({ ...board, body: { ...board.body, range } })}>
            {w('keep_range')}
          </button>
          <button type="button" onClick={() => setOpen({ what: 'json' })}>
            JSON
          </button>
          <button type="button" onClick={() => setOpen({ what: 'remove' })}>
            {w('board_remove')}
          </button>
        </div>
      )}
      {panels.length === 0 ? (
        <div class="panel">
          <Empty>
            <strong>{w('board_empty')}</strong> {w('no_boards_hint')}
          </Empty>
        </div>
      ) : (
        <div class="board-panels">
          {panels.map((panel, at) => (
            <ShownPanel
              key={JSON.stringify(panel) + at}
              of={panel}
              range={range}
              tools={
                editing
                  ? {
                      move: (by) => void saveP(moved(panels, at, by)),
                      widen: () => void saveP(replaced(at, { ...panel, width: panel.width === 2 ? 1 : 2 })),
                      edit: () => setOpen({ what: 'panel', at }),
                      remove: () => {
                        void saveP(panels.filter((_, i) => i !== at));
                        say(w('panel_removed'));
                      },
                    }
                  : null
              }
            />
          ))}
        </div>
      )}
      {open?.what === 'panel' && (
        <PanelForm
          panel={panels[open.at] ?? null}
          close={close}
          save={(panel) => saveP(open.at < panels.length ? replaced(open.at, panel) : [...panels, panel])}
        />
      )}
      {open?.what === 'json' && <JsonForm board={board} close={close} save={save} />}
      {open?.what === 'remove' && (
        <Confirm
          title={w('board_remove')}
          text={w('board_remove_text', { name: board.name })}
          submit={w('remove')}
          close={close}
          run={async () => {
            await removeBoard(board.id);
            navigate('/boards');
          }}
        />
      )}
    </>
  );
}

export function BoardPage({ id }: { id: string }) {
  const loaded = useResource(id, (signal) => getBoard(id, signal));
  return (
    <div class="page board">
      <a class="back" href="/boards">
        <Icon name="back" />
        {t('boards')}
      </a>
      <Loaded of={loaded} rows={8}>
        {(board) => (
          <Shown
            board={board}
            changed={(next) => {
              if (next) loaded.data.value = next;
              else loaded.reload();
            }}
          />
        )}
      </Loaded>
    </div>
  );
}
