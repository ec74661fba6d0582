// Dialogs with a form: what was typed stays until the server has taken it.
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../api/error';
import { t } from '../text/i18n';
import { reason } from './attempt';
import { Text } from './text';

interface DialogProps {
  title: string;
  close: () => void;
  wide?: boolean;
  children: ComponentChildren;
}
export function Dialog({ title, close, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key comes: it is meant for this dialog.
  useLayoutEffect(() => {
    const element = dialog.current!;
    if (!element.open) element.showModal();
    element.querySelector<HTMLElement>('.form :is(input, select, textarea)')?.focus();
  }, []);
  return (
    <dialog ref={dialog} class={`form-dialog${wide ? ' wide' : ''}`} aria-label={title} onClose={close}>
      <header>
        <h2>{title}</h2>
        <button type="button" class="round" aria-label={t('close_dialog')} onClick={close}>
          ×
        </button>
      </header>
      {children}
    </dialog>
  );
}

interface FieldProps {
  label: string;
  hint?: string | undefined;
  children: ComponentChildren;
}
export function Field({ label, hint, children }: FieldProps) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
      {hint && <small class="muted">{hint}</small>}
    </label>
  );
}

interface FormProps {
  submit: string;
  /** Throws when the form is to stay; the reason is shown in it. */
  onSubmit: (data: FormData) => Promise<void>;
  cancel?: () => void;
  danger?: boolean;
  children: ComponentChildren;
}
export function Form({ submit, onSubmit, cancel, danger = false, children }: FormProps) {
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem('');
    try {
      await onSubmit(new FormData(event.currentTarget as HTMLFormElement));
    } catch (error) {
      setProblem(error instanceof ApiError && error.status === 0 ? t('server_unreachable') : reason(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void run(event)}>
      {children}
      <p class="problem" role="alert">
        <Text value={problem} />
      </p>
      <div class="form-end">
        {cancel && (
          <button type="button" onClick={cancel}>
            {t('cancel')}
          </button>
        )}
        <button type="submit" class={danger ? 'danger' : 'primary'} disabled={busy}>
          {submit}
        </button>
      </div>
    </form>
  );
}

interface ConfirmProps {
  title: string;
  text: string;
  submit: string;
  close: () => void;
  run: () => Promise<void>;
}
/** For what cannot be undone. */
export function Confirm({ title, text, submit, close, run }: ConfirmProps) {
  return (
    <Dialog title={title} close={close}>
      <Form
        submit={submit}
        danger
        cancel={close}
        onSubmit={async () => {
          await run();
          close();
        }}
      >
        <p>
          <Text value={text} />
        </p>
      </Form>
    </Dialog>
  );
}

export const field = (data: FormData, name: string): string => String(data.get(name) ?? '').trim();
