# What every file of tests begins with: the built modules, and nobody's account.
Import-Module (Join-Path $PSScriptRoot '../../out/Meshia'), (Join-Path $PSScriptRoot '../../out/Meshia.Sandbox') -ErrorAction Stop

# Hides the key and the profiles of the user, and the variables of a pipeline.
function Enter-TestAccount([string] $Folder) {
    $script:before = @{}
    $pipeline = 'GITHUB_ACTIONS', 'GITHUB_REPOSITORY', 'GITHUB_REF', 'GITHUB_EVENT_PATH', 'GITHUB_STEP_SUMMARY', 'GITHUB_TOKEN', 'GH_TOKEN', 'TF_BUILD', 'SYSTEM_COLLECTIONURI', 'SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'
    foreach ($name in @('MESHIA_API_KEY', 'MESHIA_BASE_URI', 'MESHIA_CONFIG_PATH', 'MESHIA_REQUESTS_PER_MINUTE', 'MESHIA_AUDIT_LOG') + $pipeline) {
        $script:before[$name] = [Environment]::GetEnvironmentVariable($name)
        [Environment]::SetEnvironmentVariable($name, $null)
    }
    $env:MESHIA_CONFIG_PATH = $Folder
    Disconnect-Meshia
}

function Exit-TestAccount {
    Stop-MeshiaSandbox
    Disconnect-Meshia
    foreach ($name in $script:before.Keys) { [Environment]::SetEnvironmentVariable($name, $script:before[$name]) }
}

# A sandbox with known ids, in which nothing has to be waited for.
function Start-TestSandbox { Start-MeshiaSandbox -Connect -Seed 42 -ProvisioningSeconds 0 -ExperimentSeconds 0 }

# Another key of the sandbox's account: the module keeps 60 requests a minute for each key.
function New-TestKey($Sandbox) {
    $key = [System.Net.NetworkCredential]::new('', $Sandbox.GetApiKey()).Password
    $request = @{ Method = 'POST'; Uri = [uri]::new($Sandbox.BaseUri, '/sandbox/keys'); Headers = @{ Authorization = "Bearer $key" }; Body = '{"account":"main","plan":"pro"}'; ContentType = 'application/json' }
    # Windows PowerShell asks no proxy for loopback, and has no such parameter.
    if ($PSVersionTable.PSVersion.Major -ge 7) { $request.NoProxy = $true }
    (Invoke-RestMethod @request).key
}

# A session whose experiments have all ended.
function New-FinishedSession([string] $Name = 'llama-finetune') {
    $session = New-MeshiaSession $Name rtx4090 github:user/repo
    while (@($session | Get-MeshiaExperiment -Status completed, failed).Count -lt 4) { Start-Sleep -Milliseconds 300 }
    Get-MeshiaSession $session.Id
}

# Delivers events to the addresses again and again, from another process, until the job is removed.
function Start-Delivery([string[]] $Uri, [securestring] $Secret, [hashtable] $Data = @{}) {
    $text = [System.Net.NetworkCredential]::new('', $Secret).Password
    Start-Job {
        param($Module, $Uri, $Secret, $Data)
        Import-Module $Module
        while ($true) {
            # Nobody may be listening yet, or not any more.
            $Uri | ForEach-Object { Send-MeshiaWebhook $_ experiment.completed -Secret $Secret -Data $Data -ErrorAction SilentlyContinue | Out-Null }
            Start-Sleep -Milliseconds 100
        }
    } -ArgumentList (Get-Module Meshia).ModuleBase, $Uri, $text, $Data
}

# Runs this same PowerShell in a process of its own. As a .NET tool its process is dotnet, which is told what to run.
function Invoke-PowerShell {
    $process = (Get-Process -Id $PID).Path
    if ((Split-Path $process) -ne $PSHOME) { $input | & $process exec (Join-Path $PSHOME pwsh.dll) -NoProfile -NonInteractive @args }
    else { $input | & $process -NoProfile -NonInteractive @args }
}

function Get-FreePort {
    $probe = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $probe.LocalEndpoint.Port
    $probe.Stop()
}

# The signature as it is documented, computed without the module.
function Get-Signature([string] $Body, [string] $Secret) {
    $hmac = [System.Security.Cryptography.HMACSHA256]::new([System.Text.Encoding]::UTF8.GetBytes($Secret))
    'sha256=' + [System.BitConverter]::ToString($hmac.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($Body))).Replace('-', '').ToLowerInvariant()
}

# Vaults in memory, in place of Microsoft.PowerShell.SecretManagement.
function Add-StandInVault {
    $global:MeshiaTestSecrets = @{}
    function global:Get-SecretVault { [CmdletBinding()] param() [pscustomobject]@{ Name = 'SecretStore'; IsDefault = $true } }
    function global:Get-Secret {
        [CmdletBinding()] param([string] $Name, [string] $Vault)
        if ($global:MeshiaTestSecrets.ContainsKey("$Vault/$Name")) { $global:MeshiaTestSecrets["$Vault/$Name"] }
        else { Write-Error "There is no secret $Name." -ErrorId GetSecretNotFound }
    }
    function global:Set-Secret {
        [CmdletBinding()] param([string] $Name, [securestring] $SecureStringSecret, [string] $Vault, [switch] $Confirm, [switch] $WhatIf)
        $global:MeshiaTestSecrets["$Vault/$Name"] = $SecureStringSecret
    }
    function global:Get-SecretInfo {
        [CmdletBinding()] param([string] $Name, [string] $Vault)
        if ($global:MeshiaTestSecrets.ContainsKey("$Vault/$Name")) { [pscustomobject]@{ Name = $Name } }
    }
    function global:Remove-Secret {
        [CmdletBinding()] param([string] $Name, [string] $Vault, [switch] $Confirm, [switch] $WhatIf)
        $global:MeshiaTestSecrets.Remove("$Vault/$Name")
    }
}

function Remove-StandInVault {
    'Get-SecretVault', 'Get-Secret', 'Set-Secret', 'Get-SecretInfo', 'Remove-Secret' | ForEach-Object { Remove-Item "function:global:$_" }
    Remove-Variable MeshiaTestSecrets -Scope Global
}
