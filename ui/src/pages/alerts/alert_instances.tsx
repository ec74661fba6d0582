// Whose machines an alert touches: the instances on the hosts of the alert and of what follows from it, and whose they are.
import { queryNow } from '../../api/promql';
import { getInstancesOn } from '../../api/resources';
import { ApiError } from '../../api/error';
import { useResource } from '../../live/use_resource';
import { w } from '../../text/lazy_words';

/** More than these are counted as "at least". */
const kMost = 1000;

interface Touched {
  instances: number;
  /** null = not known. */
  tenants: number | null;
  more: boolean;
}

const pattern = (hosts: readonly string[]): string =>
  JSON.stringify(hosts.map((host) => host.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'));

/** By the resources that the cloud's telemetry makes; else what the hypervisors or libvirt count. null: nobody knows. */
async function touched(hosts: readonly string[], signal: AbortSignal): Promise<Touched | null> {
  try {
    const found = await getInstancesOn(hosts, kMost, signal);
    if (found.length > 0) {
      const tenants = new Set(found.map((one) => one.project_id ?? ''));
      return { instances: found.length, tenants: tenants.size, more: found.length === kMost };
    }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) throw error;
  }
  for (const query of [
    `sum(openstack_nova_running_vms{hostname=~${pattern(hosts)}})`,
    `sum(libvirt_domains{host=~${pattern(hosts)}})`,
  ]) {
    const [figure] = await queryNow(query, signal);
    if (figure) return { instances: figure.value, tenants: null, more: false };
  }
  return null;
}

export function TouchedInstances({ hosts }: { hosts: readonly string[] }) {
  const key = JSON.stringify(hosts);
  const loaded = useResource(key, (signal) =>
    hosts.length > 0 ? touched(hosts, signal) : Promise.resolve(null),
  );
  const answer = loaded.data.value;
  if (loaded.error.value) return <p class="muted">{w('touched_unknown')}</p>;
  if (!answer) return null;
  const { instances, tenants, more } = answer;
  return (
    <p class="touched">
      <b>{w(more ? 'touched_instances_more' : 'touched_instances', { n: instances })}</b>
      {tenants !== null && (
        <>
          , <b>{w('touched_tenants', { n: tenants })}</b>
        </>
      )}{' '}
      <span class="muted">{w('touched_hosts', { n: hosts.length })}</span>{' '}
      {tenants !== null && <a href="/resources?type=instance">{w('touched_show')}</a>}
    </p>
  );
}
