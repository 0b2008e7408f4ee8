import { Alert, Button } from '@backstage/ui';

/**
 * Says that something did not work, and lets the user try again.
 *
 * @param props.title - what did not work
 */
export const FailureAlert = (props: {
  title: string;
  error: Error;
  onRetry?: () => void;
}) => {
  const { title, error, onRetry } = props;
  return (
    <Alert
      role="alert"
      status="danger"
      icon
      title={title}
      description={error.message}
      customActions={
        onRetry && (
          <Button size="small" variant="secondary" onPress={onRetry}>
            Try again
          </Button>
        )
      }
    />
  );
};
