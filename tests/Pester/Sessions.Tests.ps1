Describe 'Sessions' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Start-TestSandbox | Out-Null
    }

    AfterAll { Exit-TestAccount }

    It 'creates a session and waits until it runs' {
        $session = New-MeshiaSession -Name waited-for -Gpu rtx4090 -Repo github:user/repo -Wait

        $session.Status | Should -Be running
        $session.PSObject.TypeNames | Should -Contain Meshia.Session
        (Get-MeshiaSession $session.Id).Name | Should -Be waited-for
    }

    It 'waits for several, and gives an error for the one that is not there' {
        $first, $second = 'wait-1', 'wait-2' | ForEach-Object { New-MeshiaSession $_ rtx4090 }

        $ready = $first.Id, 'sess_of_nobody', $second.Id | Wait-MeshiaSession -TimeoutSeconds 60 -ErrorVariable failure -ErrorAction SilentlyContinue

        ($ready | Sort-Object Name).Status | Should -Be running, running
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'SessionGone,*'
    }

    It 'creates nothing with -WhatIf' {
        New-MeshiaSession -Name not-made -Gpu rtx4090 -WhatIf

        Get-MeshiaSession -Name not-made | Should -BeNullOrEmpty
    }

    It 'creates one for each object of a CSV file' {
        "Name,Gpu`nfrom-csv-1,rtx4090`nfrom-csv-2,h100" | ConvertFrom-Csv | New-MeshiaSession | Out-Null

        (Get-MeshiaSession -Name from-csv-*).Gpu | Should -Be h100, rtx4090
    }

    It 'lists newest first, by name and by state' {
        New-MeshiaSession older rtx4090 | Out-Null
        New-MeshiaSession newer rtx4090 | Stop-MeshiaSession

        (Get-MeshiaSession -Name older, newer).Name | Should -Be newer, older
        (Get-MeshiaSession -Name older, newer -Status stopping, stopped).Name | Should -Be newer
    }

    It 'gives an error for the one that fails, and the others' {
        $first, $second = 'good-1', 'good-2' | ForEach-Object { New-MeshiaSession $_ rtx4090 }

        $got = Get-MeshiaSession $first.Id, sess_of_nobody, $second.Id -ErrorVariable failure -ErrorAction SilentlyContinue

        $got.Name | Should -Be good-1, good-2
        $failure.Count | Should -Be 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'session_not_found,*'
        $failure[0].TargetObject | Should -Be sess_of_nobody
        $failure[0].CategoryInfo.Category | Should -Be ObjectNotFound
    }

    It 'stops sessions from the pipeline, twice without harm' {
        $session = New-MeshiaSession stopped rtx4090

        $session | Stop-MeshiaSession
        ($session | Stop-MeshiaSession -PassThru).Status | Should -BeIn stopping, stopped
    }

    It 'takes a session that came through a job' {
        $session = New-MeshiaSession serialized rtx4090
        $file = Join-Path $TestDrive session.xml
        $session | Export-Clixml $file

        (Import-Clixml $file | Get-MeshiaSession).Name | Should -Be serialized
    }

    It 'refuses an unknown GPU before it asks the service' {
        { New-MeshiaSession x 'no gpu' } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'completes ids' {
        $session = New-MeshiaSession completed rtx4090

        $line = "Get-MeshiaSession -Id $($session.Id.Substring(0, 8))"
        [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Contain $session.Id
    }
}
