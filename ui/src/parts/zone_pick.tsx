// The zone in which times are shown, chosen from all that the browser knows.
import { chooseZone } from '../live/zone';
import { w } from '../text/lazy_words';
import { zone } from '../text/time';
import { namedZone } from '../text/zones';

export function ZonePick() {
  const known = Intl.supportedValuesOf('timeZone');
  const here = zone.value;
  const listed = here === 'utc' || here === 'local' || known.includes(here);
  return (
    <label class="choice">
      <span>{w('time_zone')}</span>
      <select name="zone" value={here} onChange={(event) => chooseZone(event.currentTarget.value)}>
        <option value="utc">UTC</option>
        <option value="local">{w('zone_local', { name: namedZone('local') })}</option>
        {(listed ? known : [here, ...known]).map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
