Describe 'Experiments' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Start-TestSandbox | Out-Null
        $session = New-FinishedSession
    }

    AfterAll { Exit-TestAccount }

    It 'lists the experiments of a session' {
        $experiments = @($session | Get-MeshiaExperiment)

        $experiments.Count | Should -Be 4
        $experiments.SessionId | Select-Object -Unique | Should -Be $session.Id
        @(Get-MeshiaExperiment).Id | Should -Be $experiments.Id -Because 'it is the only session'
    }

    It 'filters by state and name' {
        $failed = Get-MeshiaExperiment -SessionId $session.Id -Status FAILED

        $failed.Error | Should -Match diverged
        (Get-MeshiaExperiment -SessionId $session.Id -Name "$($failed.Name.Substring(0, 4))*").Id | Should -Contain $failed.Id
    }

    It 'reads config, metrics and duration' {
        $experiment = @($session | Get-MeshiaExperiment -Status completed)[0] | Get-MeshiaExperiment

        $experiment.Config['optimizer']['lr'] | Should -BeGreaterThan 0
        $experiment.Metrics['loss'] | Should -BeOfType double
        $experiment.Duration | Should -BeOfType timespan
    }

    It 'waits for experiments, and gives an error for the one that failed' {
        $experiments = @($session | Get-MeshiaExperiment)

        $ended = $experiments | Wait-MeshiaExperiment -TimeoutSeconds 60 -ErrorVariable failure -ErrorAction SilentlyContinue

        ($ended.Id | Sort-Object) | Should -Be ($experiments.Id | Sort-Object)
        $failure.Count | Should -Be @($experiments | Where-Object Status -eq failed).Count
        "$($failure[0])" | Should -Match diverged -Because 'the service says why'
    }

    It 'compares experiments' {
        $completed = @($session | Get-MeshiaExperiment -Status completed)

        $comparison = $completed | Compare-MeshiaExperiment

        $comparison.Experiments.Count | Should -Be $completed.Count
        $comparison.Config.Key | Should -Contain optimizer.lr
        $comparison.Metrics[0].Key | Should -Be @($comparison.Metrics.Key)[0]
        $loss = $comparison.Metrics | Where-Object Key -eq loss
        $best = $completed | Sort-Object { $_.Metrics['loss'] } | Select-Object -First 1
        $loss.Min | Should -Be $best.Metrics['loss']
        $loss.Best | Should -Be $best.Id
        $comparison | Out-String -Width 200 | Should -Match "loss $([char] 0x2193) .*\* " -Because 'the table marks the best'
    }

    It 'refuses to compare one with itself' {
        $id = @($session | Get-MeshiaExperiment)[0].Id

        Compare-MeshiaExperiment $id, $id -ErrorVariable failure -ErrorAction SilentlyContinue

        $failure[0].FullyQualifiedErrorId | Should -BeLike 'InvalidArgument,*'
    }

    It 'lets a better experiment through the gate, and no worse one' {
        $better, $worse = $session | Get-MeshiaExperiment -Status completed | Sort-Object { $_.Metrics['loss'] } | Select-Object -First 2

        Test-MeshiaExperiment $better -Baseline $worse -Metric loss, accuracy -Quiet | Should -BeTrue
        Test-MeshiaExperiment $worse -Baseline $better -Metric loss -MaxRegression 0.1% -Quiet | Should -BeFalse
        $results = Test-MeshiaExperiment $worse -Baseline $better -Metric loss -Rule @{ loss = '< 100'; nothing = '> 0' }
        ($results | Sort-Object Rule).Passed | Should -Be $true, $false, $false
        $results | Out-String | Should -Match 'there is no such metric'
    }
}
