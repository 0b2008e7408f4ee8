import { Select } from '@backstage/ui';
import { describeLifetime } from '../../format';

/**
 * Lets a user choose how long access lasts.
 *
 * @param props.lifetimesSeconds - to choose from
 * @param props.value - seconds
 */
export const LifetimeSelect = (props: {
  label: string;
  lifetimesSeconds: number[];
  value: number;
  onChange: (lifetimeSeconds: number) => void;
}) => {
  const { label, lifetimesSeconds, value, onChange } = props;
  return (
    <Select
      label={label}
      options={lifetimesSeconds.map(seconds => ({
        id: String(seconds),
        label: describeLifetime(seconds),
      }))}
      value={String(value)}
      onChange={key => onChange(Number(key))}
    />
  );
};
