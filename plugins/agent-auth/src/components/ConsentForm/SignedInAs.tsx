import { Link, Text } from '@backstage/ui';
import { identityApiRef, useApi } from '@backstage/frontend-plugin-api';
import useAsync from 'react-use/esm/useAsync';
import styles from './ConsentForm.module.css';

/** Says in whose name the client will act, and what to do if that is somebody else. */
export const SignedInAs = () => {
  const identityApi = useApi(identityApiRef);
  const { value: user } = useAsync(async () => {
    const [{ userEntityRef }, profile] = await Promise.all([
      identityApi.getBackstageIdentity(),
      identityApi.getProfileInfo(),
    ]);
    return { userEntityRef, name: profile.displayName ?? profile.email };
  }, [identityApi]);

  return (
    <Text as="p" variant="body-small" color="secondary" className={styles.note}>
      {user && (
        <>
          It will act in the name of{' '}
          <strong>
            {user.name
              ? `${user.name} (${user.userEntityRef})`
              : user.userEntityRef}
          </strong>
          , as whom you are signed in.{' '}
        </>
      )}
      Not you? Sign out in the{' '}
      <Link href="/settings" variant="body-small">
        settings
      </Link>
      , sign in as yourself and start again.
    </Text>
  );
};
