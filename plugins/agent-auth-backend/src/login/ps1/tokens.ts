/** Gets tokens: for a kept connection (RFC 6749, section 6) or by the device flow (RFC 8628). */
export const tokensPs1 = String.raw`# --- Tokens

function Save-Tokens($answer) {
  $access = Get-Field $answer 'access_token'
  if (-not (Test-Token $access)) {
    Fail "$issuer answered without a usable token. Ask the administrators of the portal."
  }
  $script:tokens.access = $access
  $script:tokens.expires = (Get-Now) + (Get-Number (Get-Field $answer 'expires_in') 0 31536000)
  $refresh = Get-Field $answer 'refresh_token'
  if (Test-Token $refresh) { $script:tokens.refresh = $refresh }
  Write-Cache
}

# Whether there is a new token for the kept connection; not when that has ended.
function Update-Tokens {
  if (-not $tokens.refresh) { return $false }
  $answer = Send-Form 'token' (Get-Form @{ grant_type = 'refresh_token'; refresh_token = $tokens.refresh })
  if ($answer.status -eq 0) { Stop-Unreachable $answer }
  if ($answer.status -eq 200) {
    Save-Tokens $answer
    return $true
  }
  if ($answer.status -notin 400, 401) { Stop-Refused $answer }
  $script:tokens = @{ access = ''; expires = 0; refresh = '' }
  Remove-Cache
  return $false
}

function Open-Browser([string] $uri) {
  if ($NoBrowser -or $env:PROMPT_CORNER_NO_BROWSER) { return }
  try {
    if ($onWindows) { [void] (Start-Process $uri) }
    elseif (Get-Command open -ErrorAction SilentlyContinue) { open $uri 2>&1 | Out-Null }
    elseif ($env:DISPLAY -or $env:WAYLAND_DISPLAY) { xdg-open $uri 2>&1 | Out-Null }
  } catch {
    # The address is on the screen.
    return
  }
}

function Invoke-DeviceFlow {
  $answer = Send-Form 'device_authorization' (Get-Form @{ scope = $Scope })
  if ($answer.status -eq 0) { Stop-Unreachable $answer }
  if ($answer.status -ne 200) { Stop-Refused $answer }

  $deviceCode = Get-Field $answer 'device_code'
  $userCode = Get-Field $answer 'user_code'
  $uri = Get-Field $answer 'verification_uri_complete'
  if (-not $uri) { $uri = Get-Field $answer 'verification_uri' }
  $interval = [Math]::Max(1, (Get-Number (Get-Field $answer 'interval') 5 30))
  $end = (Get-Now) + (Get-Number (Get-Field $answer 'expires_in') 600 3600)
  if (-not (Test-Token $deviceCode) -or -not (Test-Token $userCode) -or -not (Test-Url $uri)) {
    Fail "$issuer did not answer as a sign-in does. Its address may have changed: get this script again from the portal."
  }

  $line = '-' * 60
  Say ''
  Say $line
  Say '  Sign in with a browser, on this or another device:'
  Say ''
  Say "    $uri"
  Say ''
  Say "  Approve only if the page shows this code:  $userCode"
  Say $line
  Say ''
  Open-Browser $uri

  $failures = 0
  while ($true) {
    Start-Sleep -Seconds $interval
    if ((Get-Now) -ge $end) { break }
    $answer = Send-Form 'token' (Get-Form @{ grant_type = 'urn:ietf:params:oauth:grant-type:device_code'; device_code = $deviceCode })
    if ($answer.status -eq 200) {
      Save-Tokens $answer
      return
    }
    if ($answer.status -eq 0 -or $answer.status -ge 500) {
      $failures++
      if ($failures -lt 3) { continue }
      if ($answer.status -eq 0) { Stop-Unreachable $answer }
      Stop-Refused $answer
    }
    $failures = 0
    $code = Get-Field $answer 'error'
    if ($code -ceq 'authorization_pending') { continue }
    if ($code -ceq 'slow_down') { $interval += 5; continue }
    if ($code -ceq 'access_denied') { Fail 'You refused the sign-in. Run this again if that was a mistake.' }
    if ($code -ceq 'expired_token') { break }
    Stop-Refused $answer
  }
  Fail 'The sign-in was not approved in time. Run this again.'
}

function Invoke-Logout {
  if (-not $cache) { Fail '-Logout needs what -NoCache does without. Use one of them.' }
  Enter-Lock
  Read-Cache
  Remove-Cache
  $token = $tokens.refresh
  if (-not $token) { $token = $tokens.access }
  if (-not $token) {
    Say 'prompt-corner: You were not signed in.'
    return
  }
  $answer = Send-Form 'revoke' (Get-Form @{ token = $token })
  if ($answer.status -ne 200) {
    Fail "Signed out on this machine, but $issuer could not be told (HTTP $($answer.status)). End the connection on the portal's page. $($answer.problem)"
  }
  Say 'prompt-corner: Signed out.'
}
`;
