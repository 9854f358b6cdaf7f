Describe 'Sandbox' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
    }

    AfterEach { Stop-MeshiaSandbox }

    AfterAll { Exit-TestAccount }

    It 'starts, connects and ends' {
        $sandbox = Start-MeshiaSandbox -Connect

        (Get-MeshiaConnection).KeySource | Should -Be Sandbox
        (Get-MeshiaConnection).BaseUri | Should -Be $sandbox.BaseUri
        Test-MeshiaConnection -Quiet | Should -BeTrue
        $sandbox | Stop-MeshiaSandbox
        Get-Process -Id $sandbox.ProcessId -ErrorAction Ignore | Should -BeNullOrEmpty
        { Stop-MeshiaSandbox $sandbox.ProcessId -ErrorAction Stop } | Should -Throw -ErrorId 'SandboxNotFound,*'
    }

    It 'shows no key' {
        $sandbox = Start-MeshiaSandbox
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        ($sandbox | Format-List * -Force | Out-String) | Should -Not -Match $key
    }

    It 'has the same ids with the same seed' {
        $ids = 1..2 | ForEach-Object {
            $sandbox = Start-MeshiaSandbox -Connect -Seed 42
            (New-MeshiaSession same rtx4090).Id
            $sandbox | Stop-MeshiaSandbox
        }

        $ids[1] | Should -Be $ids[0]
    }

    It 'keeps its state in -DataPath' {
        $sandbox = Start-MeshiaSandbox -Connect -DataPath $TestDrive/state
        $session = New-MeshiaSession kept rtx4090
        $sandbox | Stop-MeshiaSandbox

        Start-MeshiaSandbox -Connect -DataPath $TestDrive/state | Out-Null
        (Get-MeshiaSession $session.Id).Name | Should -Be kept
    }

    It 'keeps the limits of the trial plan' {
        Start-MeshiaSandbox -Connect -Plan trial | Out-Null
        New-MeshiaSession first rtx4090 | Out-Null

        { New-MeshiaSession second rtx4090 -ErrorAction Stop } | Should -Throw -ErrorId 'plan_limit,*'
        { Register-MeshiaWebhook https://hooks.example/x session.stopped -ErrorAction Stop } | Should -Throw -ErrorId 'plan_limit,*'
    }

    It 'says why it does not start' {
        $sandbox = Start-MeshiaSandbox

        { Start-MeshiaSandbox -Port $sandbox.BaseUri.Port } | Should -Throw -ErrorId 'SandboxNotStarted,*' -ExpectedMessage '*in use*'
        { Start-MeshiaSandbox -ApiKey 'no key' } | Should -Throw -ErrorId 'InvalidApiKey,*'
    }

    It 'goes on detached, and is found by another process' {
        $sandbox = Start-MeshiaSandbox -Detach
        try {
            $module = (Get-Module Meshia).ModuleBase
            $script = "Import-Module '$module'; Connect-Meshia -Sandbox; (Get-MeshiaConnection).BaseUri.AbsoluteUri; (New-MeshiaSession from-elsewhere rtx4090).Name"
            Invoke-PowerShell -Command $script | Should -Be $sandbox.BaseUri.AbsoluteUri, 'from-elsewhere'
            Stop-MeshiaSandbox
            (Get-MeshiaSandbox).ProcessId | Should -Be $sandbox.ProcessId
        }
        finally { Stop-MeshiaSandbox -Detached }
        Get-MeshiaSandbox | Should -BeNullOrEmpty
        Get-Process -Id $sandbox.ProcessId -ErrorAction Ignore | Should -BeNullOrEmpty
    }
}
