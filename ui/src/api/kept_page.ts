// A page that the browser keeps whole while one is elsewhere (back/forward cache) comes back as it was, although somebody may
// have logged out meanwhile. It is covered before it is kept, and uncovered when the server has said that the login lasts.
import { lasts, user } from './session';

const kRetry = 3000;

/** To be called once. base.css hides what is covered, in its place, so that it is found again where it was left, and shows
 *  `unreachable` while the server cannot be asked. */
export function guardKeptPage(page: Window, unreachable: () => string): void {
  const root = page.document.documentElement;
  let focused: HTMLElement | null = null;
  const cover = () => {
    focused = page.document.activeElement as HTMLElement | null;
    root.dataset.kept = '';
  };
  const uncover = () => {
    delete root.dataset.kept;
    focused?.focus({ preventScroll: true });
  };
  const ask = () => {
    lasts().then(
      (yes) => (yes ? uncover() : page.location.reload()),
      () => {
        root.dataset.kept = unreachable();
        setTimeout(ask, kRetry);
      },
    );
  };
  page.addEventListener('pagehide', (event) => {
    if (event.persisted && user.value) cover();
  });
  page.addEventListener('pageshow', (event) => {
    if (event.persisted && root.dataset.kept !== undefined) ask();
  });
}
