// Where the API is: this page's own server, or, when the pages are served from elsewhere (a CDN), the one that index.html
// names: <meta name="sentinella-api" content="https://sentinella.example.org">. Apart from the API no cookie works: the
// refresh token then lives in memory and goes in the body.
const named =
  typeof document === 'undefined'
    ? ''
    : (document.querySelector<HTMLMetaElement>('meta[name=sentinella-api]')?.content.trim() ?? '');

/** Before every path of the API; "" = the page's own server. */
export const apiOrigin: string = named.replace(/\/+$/, '');
export const apart: boolean = apiOrigin !== '';
/** As people and agents reach the server. */
export const serverAddress = (): string => apiOrigin || location.origin;
