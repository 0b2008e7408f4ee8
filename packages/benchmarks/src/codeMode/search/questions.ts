import type { Question } from './Question';

/**
 * What engineers ask, in their words: written from what the tools are for,
 * before any search was tried on them.
 */
const KNOWN: Array<[text: string, ...tools: string[]]> = [
  ['file a bug for the payments repo', 'github_create_issue', 'jira_jira_post'],
  ['open a PR from my branch', 'github_create_pull_request'],
  ['which files did this pull request touch', 'github_get_pull_request_files'],
  ['are the CI checks green on the PR', 'github_get_pull_request_status'],
  ["approve somebody's PR", 'github_create_pull_request_review'],
  ['squash and merge the PR', 'github_merge_pull_request'],
  ['bring a PR up to date with main', 'github_update_pull_request_branch'],
  ['find usages of a function across all repos', 'github_search_code'],
  ['make a new repo', 'github_create_repository'],
  ["what's in the readme of that repo", 'github_get_file_contents'],
  ['recent commits on main', 'github_list_commits', 'git_git_log'],
  ['leave a note on an issue', 'github_add_issue_comment'],
  [
    'find open bugs labelled regression',
    'github_list_issues',
    'github_search_issues',
    'jira_jira_get',
  ],
  [
    'show me the content of a config file on disk',
    'filesystem_read_text_file',
    'filesystem_read_file',
    'filesystem_read_multiple_files',
  ],
  ['rename a file', 'filesystem_move_file'],
  ['make a folder', 'filesystem_create_directory'],
  ['which folders may I use', 'filesystem_list_allowed_directories'],
  [
    'how big is this file and when was it modified',
    'filesystem_get_file_info',
    'filesystem_list_directory_with_sizes',
  ],
  ['replace a few lines in a source file', 'filesystem_edit_file'],
  ['look for all yaml files below a folder', 'filesystem_search_files'],
  [
    'remember that Ada prefers tabs',
    'memory_add_observations',
    'memory_create_entities',
  ],
  [
    'forget what we know about a person',
    'memory_delete_entities',
    'memory_delete_observations',
  ],
  ['tell the team in chat that the deploy is done', 'slack_slack_post_message'],
  ['answer in the thread', 'slack_slack_reply_to_thread'],
  [
    'what was said in the incident chanel today',
    'slack_slack_get_channel_history',
  ],
  ['thumbs up a message', 'slack_slack_add_reaction'],
  [
    'what is the email address of a slack colleague',
    'slack_slack_get_user_profile',
    'slack_slack_get_users',
  ],
  [
    'move a jira ticket to done',
    'jira_jira_post',
    'jira_jira_put',
    'jira_jira_patch',
  ],
  ['look up a jira ticket', 'jira_jira_get'],
  [
    'find the dashboard for checkout latency',
    'grafana_search_dashboards',
    'datadog_dashboards',
  ],
  ['run a promql query', 'grafana_query_prometheus'],
  [
    'search the logs for timeouts',
    'grafana_query_loki_logs',
    'grafana_find_error_pattern_logs',
    'datadog_logs',
  ],
  [
    'who is on call right now',
    'grafana_get_current_oncall_users',
    'grafana_list_oncall_schedules',
  ],
  ['which alerts are firing', 'grafana_list_alert_rules', 'datadog_monitors'],
  ['declare an incident', 'grafana_create_incident', 'datadog_incidents'],
  ['which requests are slow', 'grafana_find_slow_requests', 'datadog_traces'],
  [
    'cpu profile of the service',
    'grafana_fetch_pyroscope_profile',
    'grafana_list_pyroscope_profile_types',
  ],
  ['link to this panel that I can share', 'grafana_generate_deeplink'],
  ['error budget left', 'datadog_slos'],
  [
    'mute notifications during maintenance',
    'datadog_downtimes',
    'datadog_monitors',
    'datadog_hosts',
  ],
  ['restart a deployment', 'kubernetes_kubectl_rollout'],
  ['run more replicas', 'kubernetes_kubectl_scale'],
  [
    'why does the pod crash: show its output',
    'kubernetes_kubectl_logs',
    'kubernetes_kubectl_describe',
  ],
  ['open a shell in a container', 'kubernetes_exec_in_pod'],
  ['take a node out of service', 'kubernetes_node_management'],
  ['remove a helm release', 'kubernetes_uninstall_helm_chart'],
  ['switch to the staging cluster', 'kubernetes_kubectl_context'],
  ['open a website', 'playwright_browser_navigate'],
  [
    'press the login button',
    'playwright_browser_click',
    'playwright_browser_press_key',
  ],
  ['picture of the page', 'playwright_browser_take_screenshot'],
  ['errors in the browser console', 'playwright_browser_console_messages'],
  [
    'what did the page request over the network',
    'playwright_browser_network_requests',
    'playwright_browser_network_request',
  ],
  ['who changed this line', 'git_git_blame'],
  ['undo my last commit', 'git_git_reset', 'git_git_reflog'],
  ['put my changes aside for now', 'git_git_stash'],
  ['what did I change', 'git_git_diff', 'git_git_status'],
  ['create a page in notion', 'notion_API_post_page'],
  ['docs of a library', 'context7_query_docs', 'context7_resolve_library_id'],
  ['think about a hard problem step by step', 'thinking_sequentialthinking'],
];

/** More of them, on which the search was not worked. */
const HELD_OUT: typeof KNOWN = [
  ['create a copy of a repository in my own account', 'github_fork_repository'],
  [
    'what did reviewers say about my PR',
    'github_get_pull_request_comments',
    'github_get_pull_request_reviews',
  ],
  ['close an issue', 'github_update_issue', 'jira_jira_post'],
  ['commit several files at once', 'github_push_files', 'git_git_commit'],
  [
    'start a branch for the fix',
    'github_create_branch',
    'git_git_branch',
    'git_git_checkout',
  ],
  ['find a github acount by name', 'github_search_users'],
  [
    'show the folder structure',
    'filesystem_directory_tree',
    'filesystem_list_directory',
    'filesystem_list_directory_with_sizes',
  ],
  ['load an image from disk', 'filesystem_read_media_file'],
  ['save text to a file', 'filesystem_write_file'],
  [
    'what do we know about the billing service',
    'memory_search_nodes',
    'memory_open_nodes',
    'memory_read_graph',
  ],
  ['connect two things in the knowledge graph', 'memory_create_relations'],
  ['all chat rooms of the workspace', 'slack_slack_list_channels'],
  ['messages below that message', 'slack_slack_get_thread_replies'],
  ['edit a field of a jira issue', 'jira_jira_put', 'jira_jira_patch'],
  [
    'which metrics exist for the api server',
    'grafana_list_prometheus_metric_names',
    'grafana_list_prometheus_metric_metadata',
    'datadog_metrics',
  ],
  [
    'show details of one alert',
    'grafana_get_alert_rule_by_uid',
    'datadog_monitors',
  ],
  [
    'add a note to the incident',
    'grafana_add_activity_to_incident',
    'datadog_incidents',
  ],
  ['who gets notified', 'grafana_list_contact_points'],
  ['what data sources are connected', 'grafana_list_datasources'],
  ['how much are we spending on datadog', 'datadog_usage'],
  ['real user page load times', 'datadog_rum'],
  ['apply this manifest', 'kubernetes_kubectl_apply'],
  ['which pods are running in the namespace', 'kubernetes_kubectl_get'],
  ['reach a service in the cluster from my laptop', 'kubernetes_port_forward'],
  ['upgrade a chart to a new version', 'kubernetes_upgrade_helm_chart'],
  [
    'fill in the sign-up form',
    'playwright_browser_fill_form',
    'playwright_browser_type',
  ],
  ['wait until the spinner is gone', 'playwright_browser_wait_for'],
  ['go back one page', 'playwright_browser_navigate_back'],
  ['take one commit from another branch', 'git_git_cherry_pick'],
  ['download a repository to work on it', 'git_git_clone'],
  ['mark the release with a version', 'git_git_tag'],
  ['search notion for the onboarding guide', 'notion_API_post_search'],
  [
    'write below the end of a notion page',
    'notion_API_patch_block_children',
    'notion_API_update_page_markdown',
  ],
  [
    'find code examples for a framework',
    'context7_query_docs',
    'context7_resolve_library_id',
  ],
];

/** All questions. */
export const QUESTIONS: Question[] = [
  ...KNOWN.map(question => asked(question, false)),
  ...HELD_OUT.map(question => asked(question, true)),
];

function asked(
  [text, ...tools]: (typeof KNOWN)[number],
  isHeldOut: boolean,
): Question {
  return { text, tools, isHeldOut };
}
