/** What is kept on the machine, and the lock around it. */
export const cachePs1 = String.raw`# --- What is kept on this machine. On Windows only this user can decrypt it (DPAPI).

function Find-Cache {
  if ($onWindows) {
    $folder = Join-Path $env:LOCALAPPDATA 'prompt-corner'
  } else {
    $state = $env:XDG_STATE_HOME
    if (-not $state) { $state = Join-Path (Join-Path $HOME '.local') 'state' }
    $folder = Join-Path $state 'prompt-corner'
  }
  try {
    [void] (New-Item -ItemType Directory -Force -Path $folder)
    if (-not $onWindows) { chmod 700 $folder }
  } catch {
    Fail "Cannot write to $folder. Make it writable, or use -NoCache."
  }
  $script:identity = "$issuer|$clientId|$Resource|$Scope"
  $sha = [Security.Cryptography.SHA256]::Create()
  $hash = $sha.ComputeHash([Text.Encoding]::UTF8.GetBytes($script:identity))
  $script:cache = Join-Path $folder (([BitConverter]::ToString($hash) -replace '-', '').Substring(0, 32) + '.json')
}

function Read-Cache {
  $script:tokens = @{ access = ''; expires = 0; refresh = '' }
  if (-not $cache -or -not (Test-Path -LiteralPath $cache)) { return }
  try {
    $text = [IO.File]::ReadAllText($cache)
    if ($onWindows) {
      $secure = ConvertTo-SecureString $text
      $text = (New-Object Net.NetworkCredential '', $secure).Password
    }
    $kept = $text | ConvertFrom-Json
    if ($kept.identity -cne $script:identity) { return }
    if (Test-Token $kept.access) { $script:tokens.access = $kept.access }
    if (Test-Token $kept.refresh) { $script:tokens.refresh = $kept.refresh }
    $script:tokens.expires = Get-Number $kept.expires 0 999999999999
  } catch {
    Say 'prompt-corner: What was kept on this machine cannot be read; you have to sign in again.'
  }
}

function Write-Cache {
  if (-not $cache) { return }
  $text = @{ identity = $script:identity; access = $tokens.access; expires = $tokens.expires; refresh = $tokens.refresh } | ConvertTo-Json -Compress
  $new = "$cache.$PID"
  try {
    if ($onWindows) {
      $text = ConvertTo-SecureString $text -AsPlainText -Force | ConvertFrom-SecureString
    } else {
      # Closed to others before there is a secret in it.
      [IO.File]::WriteAllText($new, '')
      chmod 600 $new
    }
    [IO.File]::WriteAllText($new, $text)
    Move-Item -LiteralPath $new -Destination $cache -Force
  } catch {
    Remove-Item -LiteralPath $new -Force -ErrorAction SilentlyContinue
    Say "prompt-corner: Could not write $cache; the next run will ask to sign in again."
  }
}

function Remove-Cache {
  if ($cache) { Remove-Item -LiteralPath $cache -Force -ErrorAction SilentlyContinue }
}

# A refresh token may be used once, so one process at a time. The system releases the lock of who dies.
function Enter-Lock {
  for ($waited = 0; $waited -lt 900; $waited++) {
    try {
      $script:lockStream = [IO.File]::Open("$cache.lock", 'OpenOrCreate', 'ReadWrite', 'None')
      return
    } catch [IO.IOException] {
      if ($waited -eq 3) { Say 'prompt-corner: Waiting for another sign-in on this machine' }
      Start-Sleep -Seconds 1
    }
  }
  Fail 'Another sign-in does not end. Close the other terminals and run this again.'
}

function Test-Fresh {
  return $tokens.access -and (($tokens.expires - (Get-Now)) -gt 60)
}
`;
