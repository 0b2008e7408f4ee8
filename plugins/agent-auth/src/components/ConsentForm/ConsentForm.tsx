import { useId } from 'react';
import { Button, Flex, Text, TextField } from '@backstage/ui';
import type {
  ConsentDecision,
  ConsentRequest,
} from '@prompt-corner/plugin-agent-auth-common';
import { FailureAlert } from '../FailureAlert';
import { LifetimeSelect } from '../LifetimeSelect';
import { LimitFields } from '../LimitFields';
import { ScopeFields } from '../ScopeFields';
import { ClientFacts } from './ClientFacts';
import { ConsentWarnings } from './ConsentWarnings';
import { SignedInAs } from './SignedInAs';
import { useApprovalDelay } from './useApprovalDelay';
import { LONGEST_NAME, useConsentForm } from './useConsentForm';
import styles from './ConsentForm.module.css';

/** How a user answers. */
export type Answer = 'approve' | 'deny';

/**
 * Shows what a client asks for, and lets the user narrow, approve or deny it.
 *
 * Not an HTML form: Enter in a field must not approve.
 *
 * @param props.userCode - the code that was entered, for device sign-in
 * @param props.sending - the answer that is on its way
 * @param props.error - why sending the last answer failed
 */
export const ConsentForm = (props: {
  request: ConsentRequest;
  userCode?: string;
  sending?: Answer;
  error?: Error;
  onApprove: (decision: ConsentDecision) => void;
  onDeny: () => void;
}) => {
  const { request, userCode, sending, error, onApprove, onDeny } = props;
  const { resources, limits, values, change, decision } =
    useConsentForm(request);
  const isDelayOver = useApprovalDelay();
  const hintId = useId();

  return (
    <Flex direction="column" gap="5">
      <ConsentWarnings request={request} isDevice={Boolean(userCode)} />
      <ClientFacts request={request} userCode={userCode} />
      <section className={styles.section} aria-labelledby={`${hintId}-scopes`}>
        <Text
          as="h2"
          id={`${hintId}-scopes`}
          variant="body-large"
          weight="bold"
        >
          What it may do
        </Text>
        {resources.map(resource => (
          <ScopeFields
            key={resource.audience}
            resource={resource}
            selected={values.scopes[resource.audience]}
            onChange={selected =>
              change({
                scopes: { ...values.scopes, [resource.audience]: selected },
              })
            }
          />
        ))}
      </section>
      <section className={styles.section} aria-labelledby={`${hintId}-limits`}>
        <Text
          as="h2"
          id={`${hintId}-limits`}
          variant="body-large"
          weight="bold"
        >
          Within which limits
        </Text>
        <LimitFields
          limits={limits}
          value={values.limits}
          onChange={changed => change({ limits: changed })}
        />
        <LifetimeSelect
          label="For how long"
          lifetimesSeconds={request.lifetimesSeconds}
          value={values.lifetimeSeconds}
          onChange={lifetimeSeconds => change({ lifetimeSeconds })}
        />
        <TextField
          label="Name of the connection"
          description="By which you find it again under “Agent access”, where you can revoke it at any time."
          autoComplete="off"
          maxLength={LONGEST_NAME}
          value={values.name}
          onChange={name => change({ name })}
        />
      </section>
      <SignedInAs />
      {error && (
        <FailureAlert title="Your answer could not be sent" error={error} />
      )}
      <div>
        <div className={styles.buttons}>
          <Button
            variant="secondary"
            isPending={sending === 'deny'}
            isDisabled={sending === 'approve'}
            onPress={onDeny}
          >
            Deny
          </Button>
          <Button
            isPending={sending === 'approve'}
            isDisabled={!decision || !isDelayOver || sending === 'deny'}
            aria-describedby={decision ? undefined : hintId}
            onPress={() => decision && onApprove(decision)}
          >
            Approve
          </Button>
        </div>
        {!decision && (
          <Text as="p" id={hintId} variant="body-small" className={styles.hint}>
            Select at least one thing that it may do, or deny.
          </Text>
        )}
      </div>
    </Flex>
  );
};
