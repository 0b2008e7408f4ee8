/** Sends requests and reads answers. */
export const requestsPs1 = String.raw`# A member of a JSON object; nothing when it is not there, or when it is no object.
function Get-Field($answer, [string] $name) {
  if ($answer.body -is [System.Management.Automation.PSCustomObject]) {
    $member = $answer.body.PSObject.Properties[$name]
    if ($member) { return $member.Value }
  }
  return $null
}

function Get-ErrorBody($failure) {
  if ($failure.ErrorDetails -and $failure.ErrorDetails.Message) {
    return $failure.ErrorDetails.Message
  }
  # PowerShell 5.1 leaves it in the response.
  try {
    $stream = $failure.Exception.Response.GetResponseStream()
    $stream.Position = 0
    return (New-Object IO.StreamReader $stream).ReadToEnd()
  } catch {
    return ''
  }
}

# Sends a form. Status 0 means that there was no answer.
function Send-Form([string] $endpoint, [hashtable] $form) {
  $form['client_id'] = $clientId
  try {
    $body = Invoke-RestMethod -Method Post -Uri "$issuer/oauth/$endpoint" -Body $form -TimeoutSec 30 -MaximumRedirection 0 -UseBasicParsing -Headers @{ Accept = 'application/json' }
    return @{ status = 200; body = $body; problem = '' }
  } catch {
    $response = $_.Exception.PSObject.Properties['Response']
    if (-not $response -or -not $response.Value) {
      return @{ status = 0; body = $null; problem = (Get-Plain $_.Exception.Message) }
    }
    $body = $null
    try { $body = Get-ErrorBody $_ | ConvertFrom-Json } catch { $body = $null }
    return @{ status = [int] $response.Value.StatusCode; body = $body; problem = '' }
  }
}

function Stop-Unreachable($answer) {
  Fail "$issuer cannot be reached. Check the network (VPN, proxy) and run this again. $($answer.problem)"
}

function Stop-Refused($answer) {
  if ($answer.status -eq 404) {
    Fail "There is no sign-in at $issuer (HTTP 404). Its address may have changed: get this script again from the portal."
  }
  $description = Get-Plain (Get-Field $answer 'error_description')
  if (-not $description) { $description = Get-Plain (Get-Field $answer 'error') }
  if (-not $description) { $description = 'It gave no reason; run this again later, or ask the administrators of the portal.' }
  Fail "$issuer refused (HTTP $($answer.status)): $description"
}

function Get-Form([hashtable] $form) {
  if ($Resource) { $form['resource'] = $Resource }
  return $form
}
`;
