// A choice whose first value is set once: what the user has chosen survives when the form around it is drawn again.
interface SelectProps {
  name: string;
  first: string;
  options: readonly (readonly [string, string])[];
}
export function Select({ name, first, options }: SelectProps) {
  return (
    <select name={name}>
      {options.map(([value, label]) => (
        <option key={value} value={value} selected={value === first}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** For options that are their own labels. */
export const plainly = (values: readonly string[]): [string, string][] => values.map((one) => [one, one]);
