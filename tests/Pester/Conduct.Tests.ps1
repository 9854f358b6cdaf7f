BeforeAll {
    . $PSScriptRoot/Setup.ps1
    Enter-TestAccount $TestDrive
    Start-TestSandbox | Out-Null
    $session = New-FinishedSession
}

AfterAll { Exit-TestAccount }

Describe 'Output' {
    It 'has no escape sequences in a file' {
        Get-MeshiaSession > $TestDrive/sessions.txt
        Get-MeshiaSession | Get-MeshiaExperiment -Status completed | Compare-MeshiaExperiment >> $TestDrive/sessions.txt

        $text = Get-Content $TestDrive/sessions.txt -Raw
        $text | Should -Match $session.Id
        $text.Contains([char] 27) | Should -BeFalse
    }

    It 'goes through Tee-Object, Select-Object -First and Sort-Object' {
        $first = Get-MeshiaSession | Get-MeshiaExperiment -Status completed | Tee-Object -Variable all | Sort-Object { $_.Metrics['loss'] } | Select-Object -First 1

        $first.Metrics['loss'] | Should -Be ($all.ForEach({ $_.Metrics['loss'] }) | Measure-Object -Minimum).Minimum
    }

    It 'comes back from a job as what cmdlets take' {
        $script = { Import-Module $args[0]; Connect-Meshia -ApiKey $args[1] -BaseUri $args[2]; Get-MeshiaSession }
        $sandbox = Start-TestSandbox
        $live = New-FinishedSession
        $key = [System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password

        $copy = Start-Job $script -ArgumentList (Get-Module Meshia).ModuleBase, $key, $sandbox.BaseUri | Receive-Job -Wait -AutoRemoveJob

        ($copy | Get-MeshiaExperiment).Id | Should -Be ($live | Get-MeshiaExperiment).Id
    }
}

Describe 'Errors' {
    It 'read well in ConciseView' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $ErrorView = 'ConciseView'
        $shown = Get-MeshiaSession sess_none 2>&1 | Out-String

        $shown | Should -Match '(?s)^Get-MeshiaSession: .*No session with id sess_none exists'
        $shown | Should -Not -Match 'Exception|   at '
    }

    It 'name the item and say what to do' {
        Get-MeshiaSession $session.Id, sess_none, $session.Id -OutVariable found -ErrorVariable failed -ErrorAction SilentlyContinue | Out-Null

        $found.Count | Should -Be 2
        $failed.Count | Should -Be 1
        $failed[0].TargetObject | Should -Be 'sess_none'
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'end the script where that is preferred' {
        $ErrorActionPreference = 'Stop'
        { Get-MeshiaSession sess_none } | Should -Throw -ErrorId 'session_not_found,*'
    }
}

Describe 'Paths' {
    It 'are taken by the letter: <_>' -ForEach 'with space', 'with [brackets]' {
        $folder = $_
        $null = [System.IO.Directory]::CreateDirectory("$TestDrive/$folder")
        $completed = @($session | Get-MeshiaExperiment -Status completed)

        Push-Location -LiteralPath "$TestDrive/$folder"
        try {
            $completed | Compare-MeshiaExperiment | Export-MeshiaComparison report.md
            $saved = $completed[0] | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination files
        }
        finally { Pop-Location }

        Test-Path -LiteralPath "$TestDrive/$folder/report.md" | Should -BeTrue
        $saved | Should -Not -BeNullOrEmpty
        $saved | ForEach-Object { Test-Path -LiteralPath $_.Path | Should -BeTrue }
        $saved[0].Path.Contains("$([System.IO.Path]::DirectorySeparatorChar)$folder$([System.IO.Path]::DirectorySeparatorChar)") | Should -BeTrue
    }

    It 'may be on a drive of the session' {
        $null = New-PSDrive -Name models -PSProvider FileSystem -Root $TestDrive

        $session | Get-MeshiaExperiment -Status completed | Compare-MeshiaExperiment | Export-MeshiaComparison models:/drive.json

        "$TestDrive/drive.json" | Should -Exist
    }
}

Describe 'Strict mode' {
    It 'disturbs no view' {
        Set-StrictMode -Version Latest
        $objects = @($session; $session | Get-MeshiaExperiment; Get-MeshiaConnection; Test-MeshiaConnection)

        $objects | Format-Table | Out-String | Should -Not -BeNullOrEmpty
        $objects | Format-List | Out-String | Should -Not -BeNullOrEmpty
    }
}
