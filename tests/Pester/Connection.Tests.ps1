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

    It 'refuses a text that is no key, without repeating it' {
        { Connect-Meshia 'secret of another service' } | Should -Throw -ErrorId 'InvalidConnection,*'
        $Error[0].ToString() | Should -Not -Match 'secret of another'
    }

    It 'refuses to send a key in the clear' {
        { Connect-Meshia msh_key_of_nobody http://example.com } | Should -Throw -ErrorId 'InvalidConnection,*' -ExpectedMessage '*https*'
    }

    It 'finds key and address in the environment' {
        $env:MESHIA_API_KEY = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password
        $env:MESHIA_BASE_URI = $sandbox.BaseUri

        (Get-MeshiaConnection).KeySource | Should -Be Environment
        Test-MeshiaConnection -Quiet | Should -BeTrue
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
