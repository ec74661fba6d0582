import { useEffect, useMemo } from 'preact/hooks';
import { resource, type Resource } from './resource';

/** A resource that lives as long as the component asks for the same `key`. */
export function useResource<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const made = useMemo(() => resource(load), [key]);
  useEffect(() => {
    made.reload();
    return () => made.dispose();
  }, [made]);
  return made;
}
