// In which time zone times are shown: what the address says (tz=America/Lima), else what the user chose in this browser.
import { effect } from '@preact/signals';
import { askedZone, ownZone, zone } from '../text/time';
import { zoneOf, type Zone } from '../text/zones';
import { navigate, query, withParams } from './router';
import { storedText } from './stored';

/** Where one goes from UTC and back. */
const away = storedText<Zone>('zone-away', 'local', zoneOf);

effect(() => {
  askedZone.value = zoneOf(query.value.get('tz') ?? '');
});

export function chooseZone(next: Zone): void {
  ownZone.value = next;
  if (next !== 'utc') away.value = next;
  if (query.peek().has('tz')) navigate(withParams({ tz: undefined }), 'replace');
}

export const switchZone = (): void => chooseZone(zone.peek() === 'utc' ? away.peek() : 'utc');
