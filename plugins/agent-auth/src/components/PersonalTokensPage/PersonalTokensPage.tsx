import { useState } from 'react';
import { Alert, CardBody, Container, Link, Text } from '@backstage/ui';
import { FailureAlert } from '../FailureAlert';
import { SecretDialog } from '../SecretDialog';
import { PersonalTokenForm } from './PersonalTokenForm';
import { usePersonalTokens } from './usePersonalTokens';
import { ReadableCard } from '../ReadableCard';
import styles from './PersonalTokensPage.module.css';

/** Where a user makes tokens for scripts and for clients that cannot open a browser. */
export const PersonalTokensPage = () => {
  const { options, create, isPending, error, token, forget } =
    usePersonalTokens();
  // A new form for the next token.
  const [made, setMade] = useState(0);

  const close = () => {
    forget();
    setMade(count => count + 1);
  };

  return (
    <Container py="5">
      <ReadableCard className={styles.card}>
        <CardBody className={styles.body}>
          <div>
            <Text as="h2" variant="title-x-small" weight="bold">
              Make a personal token
            </Text>
            <Text as="p" color="secondary">
              For scripts, and for clients that cannot open a browser. A token
              is for one resource only. You find it again, and revoke it, under{' '}
              <Link href="/agent-auth/connections">connections</Link>.
            </Text>
          </div>
          {options.loading && !options.value && (
            <Alert isPending title="Loading what tokens can be for…" />
          )}
          {options.error && (
            <FailureAlert
              title="What tokens can be for could not be loaded"
              error={options.error}
              onRetry={options.retry}
            />
          )}
          {options.value?.resources.length === 0 && (
            <Alert
              status="info"
              icon
              title="There is nothing that a token can be made for"
              description="No resource of this portal takes personal tokens, or you may not use any of them."
            />
          )}
          {options.value && options.value.resources.length > 0 && (
            <PersonalTokenForm
              key={made}
              options={options.value}
              isPending={isPending}
              error={error}
              onSubmit={create}
            />
          )}
        </CardBody>
      </ReadableCard>
      {token && (
        <SecretDialog
          title={`Token “${token.connection.name}”`}
          label="Token"
          secret={token.token}
          onClose={close}
        />
      )}
    </Container>
  );
};
