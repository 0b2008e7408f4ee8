import { Progress } from '@backstage/core-components';
import { configApiRef, useApi } from '@backstage/frontend-plugin-api';
import type { SignInPageProps } from '@backstage/plugin-app-react';
import { Alert, Button, Card, CardBody, Flex, Text } from '@backstage/ui';
import { LogoIcon } from '../logo';
import styles from './SignInPage.module.css';
import { useSignIn } from './useSignIn';

export const SignInPage = ({ onSignInSuccess }: SignInPageProps) => {
  const title =
    useApi(configApiRef).getOptionalString('app.title') ?? 'Backstage';
  const { state, signIn } = useSignIn(onSignInSuccess);

  if (state.status === 'checking') {
    return <Progress />;
  }
  return (
    <main className={styles.page}>
      <Card className={styles.card}>
        <CardBody>
          <Flex direction="column" align="center" gap="4" p="4">
            <LogoIcon size={56} />
            <Text as="h1" variant="title-small" weight="bold">
              Sign in to {title}
            </Text>
            <Text color="secondary">Use your organisation account.</Text>
            {state.status === 'signed-out' && state.error && (
              <Alert
                className={styles.error}
                role="alert"
                status="danger"
                icon
                title="You could not be signed in"
                description={state.error}
              />
            )}
            <Button
              className={styles.button}
              isPending={state.status === 'signing-in'}
              onPress={signIn}
            >
              Sign in
            </Button>
          </Flex>
        </CardBody>
      </Card>
    </main>
  );
};
