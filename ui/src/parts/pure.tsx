import { Component, type ComponentType } from 'preact';

/** A component that is drawn anew only when one of its properties is another one. */
export function pure<P extends object>(Inner: ComponentType<P>): ComponentType<P> {
  return class extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const old = this.props as P;
      return (Object.keys(next) as (keyof P)[]).some((key) => next[key] !== old[key]);
    }
    override render() {
      return <Inner {...(this.props as P)} />;
    }
  };
}
