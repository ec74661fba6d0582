// Pages that are fetched, with their words, when they are first shown, so that the first paint stays small.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/error';
import { Failure, Skeleton } from '../parts/panel';
import { loadLazyWords } from '../text/lazy_words';

export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  return function Lazy(props: P) {
    const [failed, setFailed] = useState<unknown>(null);
    const [, setReady] = useState(loaded !== null);
    const start = () => {
      setFailed(null);
      Promise.all([load(), loadLazyWords()]).then(([page]) => {
        loaded = page;
        setReady(true);
      }, setFailed);
    };
    useEffect(() => {
      if (!loaded) start();
    }, []);
    if (loaded) {
      const Page = loaded;
      return <Page {...props} />;
    }
    return failed === null ? (
      <Skeleton rows={8} />
    ) : (
      <Failure error={new ApiError(0, 'unreachable', String(failed))} retry={start} />
    );
  };
}
