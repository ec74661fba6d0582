// /s/CODE: leads on to the long address that somebody kept.
import { useEffect } from 'preact/hooks';
import { getLink } from '../api/endpoints';
import { navigate } from '../live/router';
import { useResource } from '../live/use_resource';
import { Failure, Skeleton } from '../parts/panel';

export function ShortLinkPage({ id }: { id: string }) {
  const link = useResource(id, (signal) => getLink(id, signal));
  const kept = link.data.value;
  useEffect(() => {
    if (kept) navigate(kept.path, 'replace');
  }, [kept]);
  return (
    <div class="page">
      {link.error.value ? (
        <Failure error={link.error.value} retry={() => link.reload()} />
      ) : (
        <Skeleton rows={4} />
      )}
    </div>
  );
}
