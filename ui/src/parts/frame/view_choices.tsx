// How things are shown to this user: the zone of times, out of all that the browser knows, and how close rows stand.
import { density, type Density } from '../../live/theme';
import { navigate, withParams } from '../../live/router';
import { chooseZone } from '../../live/zone';
import { w } from '../../text/lazy_words';
import { zone } from '../../text/time';
import { namedZone } from '../../text/zones';

function ZonePick() {
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

/** A wall is no choice that stays: it is in the address, and the bar from which one leaves it is there. */
function DensityPick() {
  return (
    <label class="choice">
      <span>{w('density')}</span>
      <select
        name="density"
        value={density.value}
        onChange={(event) => {
          const chosen = event.currentTarget.value as Density | 'wall';
          if (chosen === 'wall') navigate(withParams({ kiosk: '1' }));
          else density.value = chosen;
        }}
      >
        <option value="comfortable">{w('density_comfortable')}</option>
        <option value="compact">{w('density_compact')}</option>
        <option value="wall">{w('density_wall')}</option>
      </select>
    </label>
  );
}

export const ViewChoices = () => (
  <>
    <ZonePick />
    <DensityPick />
  </>
);
