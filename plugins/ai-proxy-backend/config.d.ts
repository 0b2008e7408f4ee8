export interface Config {
  /**
   * Model requests of the whole organisation.
   */
  aiProxy?: {};
}
