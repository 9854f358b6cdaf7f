BeforeAll {
    . $PSScriptRoot/Setup.ps1
    Enter-TestAccount $TestDrive
    Start-TestSandbox | Out-Null
    $session = New-FinishedSession
    $experiment = $session | Get-MeshiaExperiment | Select-Object -First 1

    # Presses Tab until something is offered, as somebody does where the first answer was late.
    function Get-Completion([string] $Line) {
        for ($press = 0; $press -lt 100; $press++) {
            $found = (TabExpansion2 $Line $Line.Length).CompletionMatches.Where({ $_.ResultType -eq 'ParameterValue' })
            if ($found) { return $found }
            Start-Sleep -Milliseconds 100
        }
    }
}

AfterAll { Exit-TestAccount }

Describe 'Completion' {
    It 'offers what is there: <Line>' -ForEach @(
        @{ Line = 'Stop-MeshiaSession '; Text = 'sess_db2e9f3131ad4c66'; Hint = 'llama-finetune, rtx4090, running, *' }
        @{ Line = 'Get-MeshiaArtifact exp_c94f6c4c0899794d -Name met'; Text = 'metrics.json'; Hint = '*, 200 B, *' }
        @{ Line = 'Compare-MeshiaExperiment exp_c94f6c4c0899794d -Metric eval.l'; Text = 'eval.loss'; Hint = '*: 0.29*' }
    ) {
        $found = Get-Completion $Line
        $found[0].CompletionText | Should -Be $Text
        $found[0].ToolTip | Should -BeLike $Hint
    }

    It 'imports no module into the session' {
        $loaded = (Get-Module).Name
        $line = 'Connect-Meshia -Save -Profile x -Vault '
        TabExpansion2 $line $line.Length | Out-Null
        (Get-Module).Name | Should -Be $loaded
    } -Skip:(-not (Get-Module -ListAvailable Microsoft.PowerShell.SecretManagement))
}

Describe 'Views' {
    It 'fit 80 columns' {
        $session, $experiment | ForEach-Object { $_ | Format-Table | Out-String -Width 80 } | Should -Match 'running|completed'
        $experiment | Format-Wide | Out-String -Width 80 | Should -Match ([regex]::Escape("$($experiment.Name) ($($experiment.Id))"))
    }

    It 'say the same of what came from a job' {
        # Without the order of the keys, which a job does not keep.
        $sorted = { ($args[0] | Format-List | Out-String -Width 80) -split '\r?\n' -replace '^\w* +: ' | ForEach-Object Trim | Sort-Object }
        $deserialized = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($experiment))
        & $sorted $deserialized | Should -Be (& $sorted $experiment)
    }

    It 'leave a CSV its values' {
        $row = $experiment | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv
        ($row.Metrics | ConvertFrom-Json).loss | Should -Be $experiment.Metrics.loss
        $row.Duration | Should -Be "$($experiment.Duration)"
    }
}
