export interface Config {
  portal?: {
    /**
     * Entity refs of the users and groups that run the portal: they see and end everybody's
     * connections of agents, and register clients. Default: nobody.
     *
     * @example ["group:default/platform-team"]
     */
    administrators?: string[];
  };

  /**
   * Turns the demo on: an identity provider without passwords, and a readiness check that waits
   * for the demo organisation. Only for trying things out on one's own machine.
   */
  demo?: {
    /** Whom one can sign in as. */
    personas: Array<{
      /** Short name, as used on the command line. */
      id: string;
      name: string;
      /** The e-mail address of a User entity. */
      email: string;
      role: string;
      /** What is worth trying as this person. */
      tryThis: string;
    }>;
  };
}
