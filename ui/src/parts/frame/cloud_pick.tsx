// Which cloud is looked at, where there are several.
import { clouds } from '../../live/cloud';
import { cloud } from '../../live/overview';
import { navigate, withParams } from '../../live/router';
import { w } from '../../text/lazy_words';

export function CloudPick() {
  return (
    <select
      class="cloud-pick"
      aria-label={w('cloud')}
      value={cloud.value}
      onChange={(event) => navigate(withParams({ cloud: event.currentTarget.value }))}
    >
      <option value="">{w('clouds_all')}</option>
      {(clouds.value.includes(cloud.value) || cloud.value === ''
        ? clouds.value
        : [cloud.value, ...clouds.value]
      ).map((one) => (
        <option key={one} value={one}>
          {one}
        </option>
      ))}
    </select>
  );
}
