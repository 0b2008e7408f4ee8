import { FormEvent, useState } from 'react';
import { Button, Checkbox, NumberField, TextField } from '@backstage/ui';
import type { ConnectionQuery } from '@prompt-corner/plugin-agent-auth-common';
import styles from './OrganisationPage.module.css';

/** Narrows the list; all that is filled in must hold. Takes effect when it is submitted. */
export const ConnectionFilter = (props: {
  onFilter: (query: ConnectionQuery) => void;
}) => {
  const [principal, setPrincipal] = useState('');
  const [clientId, setClientId] = useState('');
  const [days, setDays] = useState<number>(NaN);
  const [unusedOnly, setUnusedOnly] = useState(false);
  const hasDays = !Number.isNaN(days);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onFilter({
      principal: principal.trim() || undefined,
      clientId: clientId.trim() || undefined,
      olderThanDays: hasDays ? days : undefined,
      unusedOnly: hasDays && unusedOnly ? true : undefined,
    });
  };

  return (
    <form
      className={styles.filter}
      aria-label="Filter connections"
      onSubmit={submit}
    >
      <TextField
        label="User or service"
        placeholder="user:default/ada, or UUID"
        autoComplete="off"
        value={principal}
        onChange={setPrincipal}
      />
      <TextField
        label="Client id"
        placeholder="Any"
        autoComplete="off"
        value={clientId}
        onChange={setClientId}
      />
      <NumberField
        label="At least this many days old"
        placeholder="Any age"
        minValue={1}
        formatOptions={{ maximumFractionDigits: 0 }}
        value={days}
        onChange={setDays}
      />
      <div className={styles.apply}>
        <Checkbox
          isSelected={unusedOnly}
          isDisabled={!hasDays}
          onChange={setUnusedOnly}
        >
          And not used since
        </Checkbox>
        <Button type="submit" variant="secondary">
          Filter
        </Button>
      </div>
    </form>
  );
};
