# What Microsoft.PowerShell.SecretManagement 1.1 does, as far as a caller sees it, for an engine that has neither it nor
# Microsoft.PowerShell.Utility: the same names, parameters, error ids and order of errors. Vaults are in memory.
# -VaultParameters @{ Behavior = … } makes a vault that is Locked, Hangs, Fails, or Throws.

$global:StandInVaults = @{}

class PasswordRequiredException : InvalidOperationException {
    PasswordRequiredException([string] $message) : base($message) { }
}

function global:New-StandInError([Exception] $Exception, [string] $Id, [Management.Automation.ErrorCategory] $Category) {
    [Management.Automation.ErrorRecord]::new($Exception, $Id, $Category, $null)
}

function global:Register-SecretVault {
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Name, [Parameter(Mandatory)] [string] $ModuleName, [hashtable] $VaultParameters = @{}, [switch] $DefaultVault)
    if (-not $Name) { $Name = $ModuleName }
    # The first one becomes the default.
    $isDefault = $DefaultVault -or $global:StandInVaults.Count -eq 0
    if ($isDefault) { foreach ($other in $global:StandInVaults.Values) { $other.IsDefault = $false } }
    $global:StandInVaults[$Name] = [pscustomobject] @{ Name = $Name; ModuleName = $ModuleName; IsDefault = $isDefault; VaultParameters = $VaultParameters; Secrets = @{} }
}

function global:Unregister-SecretVault {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Name)
    $global:StandInVaults.Remove($Name)
}

function global:Set-SecretVaultDefault {
    [CmdletBinding(SupportsShouldProcess)]
    param([string] $Name, [switch] $ClearDefault)
    foreach ($vault in $global:StandInVaults.Values) { $vault.IsDefault = $vault.Name -eq $Name }
}

function global:Get-SecretVault {
    [CmdletBinding()]
    param([string[]] $Name = '*')
    foreach ($pattern in $Name) { $global:StandInVaults.Values | Where-Object Name -like $pattern }
}

function global:Unlock-SecretVault {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [securestring] $Password)
    (Open-StandInVault $Name $PSCmdlet).VaultParameters.Remove('Behavior')
}

# Finds a vault as SecretManagement does: one that is not registered ends the call.
function global:Open-StandInVault([string] $Name, $Cmdlet) {
    if (-not $global:StandInVaults.ContainsKey($Name)) {
        $Cmdlet.ThrowTerminatingError((New-StandInError ([Management.Automation.PSInvalidOperationException]::new("Vault not found in registry: $Name")) GetSecretVaultNotFound ObjectNotFound))
    }
    $global:StandInVaults[$Name]
}

# Does what the vault's own code does before it looks at a secret. $Command is what SecretManagement names its errors after.
function global:Enter-StandInVault($Vault, [string] $Command, $Cmdlet) {
    switch ($Vault.VaultParameters.Behavior) {
        'Locked' { throw [PasswordRequiredException]::new('A valid password is required to access the Microsoft.PowerShell.SecretStore vault.') }
        'Hangs' { while ($true) { [Threading.Thread]::Sleep(50) } }
        'Fails' { $Cmdlet.WriteError((New-StandInError ([InvalidOperationException]::new('The vault has no network.')) VaultOwnError ConnectionError)); return $false }
        'Throws' { $Cmdlet.WriteError((New-StandInError ([Management.Automation.PSInvalidOperationException]::new("Unable to use vault $($Vault.Name)")) "${Command}InvalidOperation" InvalidOperation)); return $false }
    }
    $true
}

function global:Get-Secret {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Name, [string] $Vault, [switch] $AsPlainText)
    $store = Open-StandInVault $Vault $PSCmdlet
    try { $entered = Enter-StandInVault $store GetSecret $PSCmdlet }
    catch [PasswordRequiredException] {
        $PSCmdlet.WriteError((New-StandInError $_.Exception GetSecretException InvalidOperation))
        return
    }
    if ($entered -and $store.Secrets.ContainsKey($Name)) {
        $secret = $store.Secrets[$Name]
        # A string comes as a SecureString.
        if ($secret -is [string]) { $secret = [Net.NetworkCredential]::new('', $secret).SecurePassword }
        if ($AsPlainText -and $secret -is [securestring]) { $secret = [Net.NetworkCredential]::new('', $secret).Password }
        $PSCmdlet.WriteObject($secret, $false)
        return
    }
    $PSCmdlet.WriteError((New-StandInError ([Management.Automation.ItemNotFoundException]::new("The secret $Name was not found.")) GetSecretNotFound ObjectNotFound))
}

function global:Set-Secret {
    [CmdletBinding(SupportsShouldProcess, DefaultParameterSetName = 'SecureString')]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1, ParameterSetName = 'Object')] [object] $Secret,
        [Parameter(Mandatory, Position = 1, ParameterSetName = 'SecureString')] [securestring] $SecureStringSecret,
        [Parameter(Position = 2)] [string] $Vault)
    if (-not $PSCmdlet.ShouldProcess($Vault, 'Write secret to vault')) { return }
    $store = Open-StandInVault $Vault $PSCmdlet
    if (-not (Enter-StandInVault $store SetSecret $PSCmdlet)) { return }
    $store.Secrets[$Name] = if ($PSCmdlet.ParameterSetName -eq 'Object') { $Secret } else { $SecureStringSecret }
}

function global:Get-SecretInfo {
    [CmdletBinding()]
    param([string] $Name = '*', [string] $Vault)
    $store = Open-StandInVault $Vault $PSCmdlet
    try { if (-not (Enter-StandInVault $store GetSecretInfo $PSCmdlet)) { return } }
    catch [PasswordRequiredException] {
        $PSCmdlet.WriteError((New-StandInError $_.Exception GetSecretInfoException InvalidOperation))
        return
    }
    foreach ($known in $store.Secrets.Keys) {
        if ($known -like $Name) { [pscustomobject] @{ Name = $known; Type = $store.Secrets[$known].GetType().Name; VaultName = $Vault } }
    }
}

function global:Remove-Secret {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [string] $Vault)
    if (-not $PSCmdlet.ShouldProcess($Vault, 'Remove secret by name from vault')) { return }
    $store = Open-StandInVault $Vault $PSCmdlet
    if (-not (Enter-StandInVault $store RemoveSecret $PSCmdlet)) { return }
    $store.Secrets.Remove($Name)
}
