// A page that the browser keeps whole while one is elsewhere (back/forward cache) comes back as it was, although somebody may
// have logged out meanwhile. It is hidden before it is kept, and shown again when the server has said that the login lasts.
import { accessToken, refresh, user } from './session';

/** True: the same person is still logged in. */
async function lasts(): Promise<boolean> {
  const before = accessToken();
  try {
    // Of another person's login the page takes no token.
    return (await refresh(before)) && accessToken() !== before;
  } catch {
    return false; // the server cannot be asked
  }
}

/** To be called once. */
export function guardKeptPage(page: Window): void {
  const root = page.document.documentElement;
  page.addEventListener('pagehide', (event) => {
    if (event.persisted && user.value) root.hidden = true;
  });
  page.addEventListener('pageshow', (event) => {
    if (!event.persisted || !root.hidden) return;
    void lasts().then((yes) => {
      if (yes) root.hidden = false;
      else page.location.reload();
    });
  });
}
