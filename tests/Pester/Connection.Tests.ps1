Describe 'Connection' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Add-StandInVault
        $sandbox = Start-TestSandbox
        Disconnect-Meshia
    }

    AfterAll {
        Remove-StandInVault
        Exit-TestAccount
    }

    BeforeEach {
        Remove-Item Env:MESHIA_API_KEY, Env:MESHIA_BASE_URI -ErrorAction Ignore
        Disconnect-Meshia
    }

    It 'says that there is no key, and how to give one' {
        { Get-MeshiaSession } | Should -Throw -ErrorId 'NotConnected,*'
        Get-MeshiaConnection | Should -BeNullOrEmpty
    }

    It 'connects with a key and shows its end only' {
        $connection = Connect-Meshia $sandbox.GetApiKey() $sandbox.BaseUri -PassThru
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        $connection.KeySource | Should -Be Parameter
        $connection.Key.Substring($connection.Key.Length - 4) | Should -Be $key.Substring($key.Length - 4)
        ($connection | Format-List * -Force | Out-String) | Should -Not -Match $key
        { Get-MeshiaSession -ErrorAction Stop } | Should -Not -Throw
    }

    It 'finds key and address in the environment' {
        $env:MESHIA_API_KEY = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password
        $env:MESHIA_BASE_URI = $sandbox.BaseUri
        Disconnect-Meshia

        (Get-MeshiaConnection).KeySource | Should -Be Environment
        Test-MeshiaConnection -Quiet | Should -BeTrue
    }

    It 'refuses a text that is no key, without repeating it' {
        { Connect-Meshia 'secret of another service' } | Should -Throw -ErrorId 'InvalidConnection,*'
        $Error[0].ToString() | Should -Not -Match 'secret of another'
    }

    It 'refuses to send a key in the clear' {
        { Connect-Meshia msh_key_of_nobody http://example.com } | Should -Throw -ErrorId 'InvalidConnection,*' -ExpectedMessage '*https*'
    }

    It 'says which key was refused' {
        Connect-Meshia msh_key_that_nobody_has_abcd $sandbox.BaseUri

        { Get-MeshiaSession } | Should -Throw -ErrorId 'unauthorized,*'
        "$($Error[0])" | Should -BeLike '*The key was msh_*abcd, given to Connect-Meshia.'
        Test-MeshiaConnection -Quiet | Should -BeFalse
        (Test-MeshiaConnection).IsReachable | Should -BeTrue
    }

    It 'reports a service that does not answer' {
        Connect-Meshia msh_key_of_nobody http://127.0.0.1:9/api/v1 -MaximumRetryCount 0

        $test = Test-MeshiaConnection
        $test.IsReachable | Should -BeFalse
        $test.Error | Should -Not -BeNullOrEmpty
    }

    It 'saves a profile whose file holds no key, uses it, and forgets it' {
        Connect-Meshia -ApiKey $sandbox.GetApiKey() -BaseUri $sandbox.BaseUri -Save -Profile work
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        (Get-ChildItem $TestDrive -File | Get-Content -Raw) | Should -Not -Match $key
        (Get-MeshiaConnection -ListAvailable).Name | Should -Be work
        Disconnect-Meshia
        { Get-MeshiaSession -Profile work -ErrorAction Stop } | Should -Not -Throw
        Get-MeshiaConnection | Should -BeNullOrEmpty -Because 'a profile of one call is not the connection'
        Disconnect-Meshia -Forget -Profile work
        Get-MeshiaConnection -ListAvailable | Should -BeNullOrEmpty
        $global:MeshiaTestSecrets.Count | Should -Be 0
        { Get-MeshiaSession -Profile work } | Should -Throw -ErrorId 'ProfileNotFound,*'
    }

    It 'saves nothing with -WhatIf' {
        Connect-Meshia -ApiKey $sandbox.GetApiKey() -Save -Profile work -WhatIf

        Get-MeshiaConnection -ListAvailable | Should -BeNullOrEmpty
        $global:MeshiaTestSecrets.Count | Should -Be 0
    }

    It 'sends any request, and stays below the address' {
        Connect-Meshia $sandbox.GetApiKey() $sandbox.BaseUri

        (Invoke-MeshiaRequest /sessions).PSObject.Properties.Name | Should -Be sessions
        Invoke-MeshiaRequest ../../elsewhere -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidArgument,*'
    }
}

# The real SecretManagement and SecretStore, each time in a process of its own whose home is a temporary folder: the store of
# the user is never touched. In C#, VaultTests holds the same against stand-ins.
BeforeDiscovery {
    $missing = 'Microsoft.PowerShell.SecretManagement', 'Microsoft.PowerShell.SecretStore' | Where-Object { -not (Get-Module -ListAvailable $_) }
    $whyNot = if ($missing) { "needs $($missing -join ' and ')" }
    elseif ($PSVersionTable.PSEdition -ne 'Core' -or $IsWindows) { 'needs a system on which HOME alone says where the store is' }
    Write-Host "Vaults: $(if ($whyNot) { "skipped, $whyNot" } else { 'the real SecretManagement and SecretStore' })"
}

Describe 'Keys in a real vault' -Skip:([bool] $whyNot) {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        $sandbox = Start-TestSandbox
        Disconnect-Meshia
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        # Runs lines in a new process and gives what they write, an error as "id: message".
        function Invoke-Apart([string] $Lines) {
            $script = Join-Path $TestDrive 'apart.ps1'
            Set-Content $script @"
                `$WarningPreference = 'SilentlyContinue'
                `$env:PSModulePath = '$TestDrive' + [System.IO.Path]::PathSeparator + `$env:PSModulePath
                Import-Module '$((Get-Module Meshia).ModuleBase)'
                `$password = ConvertTo-SecureString 'the password' -AsPlainText -Force
                `$key = `$env:TEST_KEY
                `$uri = '$($sandbox.BaseUri)'
                function Get-Outcome([scriptblock] `$Command) { try { & `$Command } catch { "`$(`$_.FullyQualifiedErrorId.Split(',')[0]): `$_" } }
                $Lines
"@
            $before = @{}
            foreach ($name in 'HOME', 'XDG_CONFIG_HOME', 'MESHIA_CONFIG_PATH', 'TEST_KEY', 'NO_COLOR') { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
            try {
                $env:HOME = $vaultHome
                $env:XDG_CONFIG_HOME = $env:MESHIA_CONFIG_PATH = $null
                $env:TEST_KEY = $key
                $env:NO_COLOR = '1'
                $null | Invoke-PowerShell -File $script 2>&1 | ForEach-Object { "$_" }
            }
            finally { foreach ($name in $before.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) } }
        }

        # A module of a vault, by name, whose code is given.
        function New-Extension([string] $Name, [string] $GetSecret) {
            $folder = New-Item -ItemType Directory -Force (Join-Path $TestDrive "$Name/$Name.Extension")
            Set-Content (Join-Path $TestDrive "$Name/$Name.psd1") "@{ ModuleVersion = '1.0'; NestedModules = './$Name.Extension'; FunctionsToExport = @() }"
            Set-Content (Join-Path $folder "$Name.Extension.psd1") "@{ ModuleVersion = '1.0'; RootModule = '$Name.Extension.psm1'; FunctionsToExport = 'Get-Secret', 'Set-Secret', 'Get-SecretInfo', 'Remove-Secret', 'Test-SecretVault' }"
            Set-Content (Join-Path $folder "$Name.Extension.psm1") @"
                function Get-Secret { param(`$Name, `$VaultName, `$AdditionalParameters) $GetSecret }
                function Set-Secret { param(`$Name, `$Secret, `$VaultName, `$AdditionalParameters) }
                function Get-SecretInfo { param(`$Filter, `$VaultName, `$AdditionalParameters) }
                function Remove-Secret { param(`$Name, `$VaultName, `$AdditionalParameters) }
                function Test-SecretVault { param(`$VaultName, `$AdditionalParameters) `$true }
"@
        }
    }

    AfterAll { Exit-TestAccount }

    BeforeEach {
        $vaultHome = (New-Item -ItemType Directory (Join-Path $TestDrive "home-$([guid]::NewGuid())")).FullName
        $null = Invoke-Apart @'
            Register-SecretVault -Name Store -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault
            Reset-SecretStore -Authentication None -Interaction None -Force -WarningAction Ignore
            Connect-Meshia -ApiKey $key -BaseUri $uri -Save -Profile work
'@
    }

    It 'finds a saved key in the next process, uses it, and forgets it' {
        $seen = Invoke-Apart @'
            (Get-MeshiaConnection -Profile work).KeySource
            Test-MeshiaConnection -Profile work -Quiet
            Disconnect-Meshia -Forget -Profile work
            @(Get-SecretInfo -Vault Store).Count
            @(Get-MeshiaConnection -ListAvailable).Count
'@
        $seen | Should -Be 'Profile', 'True', '0', '0'
    }

    It 'keeps the key out of every file but the store, and the profile to its owner' {
        $files = Get-ChildItem $vaultHome -Recurse -File -Force
        $files | Where-Object { (Get-Content $_ -Raw) -match $key } | Should -BeNullOrEmpty
        ($files | Where-Object Name -eq 'profiles.json').UnixMode | Should -Be '-rw-------'
    }

    It 'says that no vault is registered' {
        $vaultHome = (New-Item -ItemType Directory (Join-Path $TestDrive 'bare')).FullName
        Invoke-Apart 'Get-Outcome { Connect-Meshia -ApiKey $key -Save }' | Should -BeLike 'NoVault: *Register-SecretVault -Name SecretStore -ModuleName Microsoft.PowerShell.SecretStore -DefaultVault'
    }

    It 'says that none of several vaults is the default' {
        New-Extension Other ''
        Invoke-Apart 'Register-SecretVault -ModuleName Other; Set-SecretVaultDefault -ClearDefault; Get-Outcome { Connect-Meshia -ApiKey $key -Save }' | Should -BeLike 'NoDefaultVault: *Set-SecretVaultDefault -Name*'
    }

    It 'says that a vault is not registered: <command>' -ForEach @(
        @{ command = 'Connect-Meshia -ApiKey $key -Save -Vault Store2' }
        @{ command = 'Unregister-SecretVault Store; Connect-Meshia -Profile work' }
        @{ command = 'Unregister-SecretVault Store; Disconnect-Meshia -Forget -Profile work' }
    ) {
        Invoke-Apart "Get-Outcome { $command }" | Should -BeLike 'VaultNotFound: *Register-SecretVault -Name Store*'
    }

    It 'says that a store is locked, and unlocks it as it says' {
        $seen = Invoke-Apart @'
            Set-SecretStoreConfiguration -Authentication Password -Password $password -Interaction None -PasswordTimeout 1 -Confirm:$false
            Start-Sleep 2
            Get-Outcome { Connect-Meshia -Profile work }
            Get-Outcome { Connect-Meshia -ApiKey $key -Save -Profile work -Force }
            Get-Outcome { Disconnect-Meshia -Forget -Profile work }
            Unlock-SecretVault -Name Store -Password $password
            (Connect-Meshia -Profile work -PassThru).Profile
'@
        $seen.Count | Should -Be 4
        $seen[0..2] | Should -BeLike 'VaultLocked: *Unlock-SecretVault -Name Store -Password*Set-SecretStoreConfiguration -Authentication None -Interaction None'
        $seen[3] | Should -Be work
    }

    It 'does not wait for a password that nobody types' {
        $null = Invoke-Apart 'Set-SecretStoreConfiguration -Authentication Password -Password $password -Interaction Prompt -Confirm:$false'
        $seen = Invoke-Apart 'Get-Outcome { Connect-Meshia -Profile work }'
        $seen[-1] | Should -BeLike 'VaultLocked: *'
    }

    It 'names a secret that is not there' {
        Invoke-Apart 'Remove-Secret Meshia-work Store; Get-Outcome { Connect-Meshia -Profile work }' | Should -BeLike 'SecretMissing: *Connect-Meshia -ApiKey*-Save -Profile work'
    }

    It 'names a secret of the wrong type: <type>' -ForEach @(
        @{ type = 'Byte[]'; value = '([byte[]] (1, 2))' }
        @{ type = 'Hashtable'; value = '@{ key = $key }' }
        @{ type = 'PSCredential'; value = '([pscredential]::new("x", $password))' }
    ) {
        Invoke-Apart "Set-Secret Meshia-work $value Store; Get-Outcome { Connect-Meshia -Profile work }" | Should -BeLike "SecretOfWrongType: *is a $([WildcardPattern]::Escape($type)),*-Save -Profile work"
    }

    It 'takes a key that was kept as a string, and refuses one that is no key' {
        Invoke-Apart 'Set-Secret Meshia-work $key Store; (Connect-Meshia -Profile work -PassThru).KeySource' | Should -Be Profile
        $seen = Invoke-Apart 'Set-Secret Meshia-work "something else" Store; Get-Outcome { Connect-Meshia -Profile work }'
        $seen | Should -BeLike 'SecretIsNoKey: *-Save -Profile work'
        $seen | Should -Not -Match 'something else'
    }

    It 'gives up a vault that hangs, and goes on' {
        New-Extension Hanging 'Start-Sleep 600'
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $seen = Invoke-Apart @'
            Register-SecretVault -ModuleName Hanging
            Connect-Meshia -ApiKey $key -Save -Profile stuck -Vault Hanging
            Get-Outcome { Connect-Meshia -Profile stuck -VaultTimeoutSeconds 2 }
            'went on'
'@
        $seen | Should -HaveCount 2
        $seen[0] | Should -BeLike "VaultTimedOut: Vault 'Hanging' did not answer within 2 s*Test-SecretVault -Name Hanging"
        $seen[1] | Should -Be 'went on'
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 120
    }

    It 'tells a vault that fails from one that lacks the secret: <how>' -ForEach @(
        @{ how = 'an error'; code = 'Write-Error "the key is $env:TEST_KEY"' }
        @{ how = 'an exception'; code = 'throw "the key is $env:TEST_KEY"' }
    ) {
        New-Extension Failing $code
        $seen = Invoke-Apart @'
            Register-SecretVault -ModuleName Failing
            Connect-Meshia -ApiKey $key -Save -Profile failing -Vault Failing
            Get-Outcome { Connect-Meshia -Profile failing }
'@
        $seen | Should -BeLike "VaultFailed: Vault 'Failing' failed at Get-Secret*Test-SecretVault -Name Failing"
        $seen | Should -Not -Match $key
    }

    It 'goes on with a rotated key after the old one was refused' {
        $seen = Invoke-Apart @'
            Set-Secret Meshia-work msh_key_that_was_revoked Store
            Connect-Meshia -Profile work
            Get-Outcome { Get-MeshiaSession }
            Set-Secret Meshia-work $key Store
            @(Get-MeshiaSession).Count
            (Get-MeshiaConnection).Profile
'@
        $seen | Should -HaveCount 3
        $seen[0] | Should -BeLike "unauthorized: *of profile 'work', from vault 'Store'."
        $seen[1..2] | Should -Be '0', 'work'
    }

    It 'serves parallel runspaces' {
        $seen = Invoke-Apart "1..8 | ForEach-Object -Parallel { Import-Module '$((Get-Module Meshia).ModuleBase)'; Test-MeshiaConnection -Profile work -Quiet } -ThrottleLimit 8"
        $seen | Should -Be (@('True') * 8)
    }
}
