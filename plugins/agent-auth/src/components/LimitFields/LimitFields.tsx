import { NumberField, TextField } from '@backstage/ui';
import type { LimitInput, LimitName } from '../../limits';

const SMALLEST_BUDGET_USD = 0.01;

/**
 * Lets a user narrow servers, models and money. Renders only the fields that apply.
 *
 * @param props.limits - which ones apply
 */
export const LimitFields = (props: {
  limits: LimitName[];
  value: LimitInput;
  onChange: (value: LimitInput) => void;
}) => {
  const { limits, value, onChange } = props;
  return (
    <>
      {limits.includes('servers') && (
        <TextField
          label="Servers"
          description="Names, separated by commas; * stands for anything. Empty: all that you may use."
          placeholder="All servers"
          autoComplete="off"
          value={value.servers}
          onChange={servers => onChange({ ...value, servers })}
        />
      )}
      {limits.includes('models') && (
        <TextField
          label="Models"
          description="Names, separated by commas; * stands for anything. Empty: all that you may use."
          placeholder="All models"
          autoComplete="off"
          value={value.models}
          onChange={models => onChange({ ...value, models })}
        />
      )}
      {limits.includes('budget') && (
        <NumberField
          label="Budget for a day"
          description="US dollars; the day ends at midnight UTC. Empty: your own budget only."
          placeholder="No extra limit"
          minValue={SMALLEST_BUDGET_USD}
          formatOptions={{ style: 'currency', currency: 'USD' }}
          value={value.budgetUsdPerDay ?? NaN}
          onChange={budget =>
            onChange({
              ...value,
              budgetUsdPerDay: Number.isNaN(budget) ? undefined : budget,
            })
          }
        />
      )}
    </>
  );
};
