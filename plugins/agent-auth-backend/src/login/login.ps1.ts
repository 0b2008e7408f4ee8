import { cachePs1 } from './ps1/cache';
import { requestsPs1 } from './ps1/requests';
import { tokensPs1 } from './ps1/tokens';

const head = String.raw`# Signs in to Prompt Corner and prints an access token. For how: -Help
param(
  [string] $Resource = @RESOURCE@,
  [string] $Scope = @SCOPE@,
  [switch] $NoBrowser,
  [switch] $NoCache,
  [switch] $Logout,
  [switch] $Help
)

$ErrorActionPreference = 'Stop'
# A progress bar would be drawn for each request.
$ProgressPreference = 'SilentlyContinue'

$issuer = @ISSUER@
$clientId = @CLIENT_ID@
$onWindows = $env:OS -eq 'Windows_NT'
$cache = $null
$lockStream = $null
$tokens = @{ access = ''; expires = 0; refresh = '' }

function Say([string] $text) {
  [Console]::Error.WriteLine($text)
}

function Fail([string] $text) {
  throw (New-Object System.OperationCanceledException $text)
}

# Text of others, without what could do something to a terminal.
function Get-Plain($value) {
  $text = ([string] $value) -replace '[^\x20-\x7e]', ''
  if ($text.Length -gt 300) { $text = $text.Substring(0, 300) }
  return $text
}

function Test-Token($value) {
  return ($value -is [string]) -and ($value -cmatch '\A[A-Za-z0-9._~-]+\z')
}

function Test-Url($value) {
  return ($value -is [string]) -and ($value -cmatch '\Ahttps?://[A-Za-z0-9._~:/@!,;?&=%+#-]+\z')
}

# A whole number up to a limit, or what it is otherwise.
function Get-Number($value, [long] $otherwise, [long] $limit) {
  if (([string] $value) -notmatch '\A[0-9]{1,12}\z') { return $otherwise }
  return [Math]::Min([long] $value, $limit)
}

function Get-Now {
  return [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
}
`;

const main = String.raw`function Show-Help {
  Say @'
Signs in to Prompt Corner in a browser, and prints an access token on standard
output. Run again, it prints the same token while that is valid, or a new one,
without a browser, until the connection ends or is revoked.

  -Resource <url>   what the token is for
  -Scope <scopes>   what the token may do, separated by spaces
  -NoBrowser        do not open a browser (also: PROMPT_CORNER_NO_BROWSER=1)
  -NoCache          keep nothing on this machine
  -Logout           end the connection, and forget it
'@
}

try {
  # PowerShell 5.1 would offer TLS 1.0 only.
  [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
  if ($Help) {
    Show-Help
    exit 0
  }
  if ($Resource -and -not (Test-Url $Resource)) { Fail '-Resource has to be a URL that begins with https://' }
  if ($Scope -cnotmatch '\A[a-z:_ -]*\z') { Fail '-Scope has to be names of scopes, separated by spaces' }
  if (-not $NoCache) { Find-Cache }
  if ($Logout) {
    Invoke-Logout
    exit 0
  }
  Read-Cache
  if (-not (Test-Fresh)) {
    if ($cache) {
      Enter-Lock
      # Another process may have been faster.
      Read-Cache
    }
    if (-not (Test-Fresh) -and -not (Update-Tokens)) { Invoke-DeviceFlow }
  }
  Write-Output $tokens.access
} catch [System.OperationCanceledException] {
  Say "prompt-corner: $($_.Exception.Message)"
  exit 1
} catch {
  Say "prompt-corner: $(Get-Plain $_.Exception.Message)"
  exit 1
} finally {
  if ($lockStream) { $lockStream.Dispose() }
}
`;

/**
 * The same as the script for POSIX shells, for PowerShell 5.1 and 7. It uses
 * no back quotes, as those would end a template.
 */
export const loginPs1 = [head, requestsPs1, cachePs1, tokensPs1, main].join(
  '\n',
);
