BeforeAll {
    . $PSScriptRoot/Setup.ps1
    Enter-TestAccount (Join-Path $TestDrive account)
    $sandbox = Start-MeshiaSandbox -Connect -Seed 42 -StandStill -StartTime 2030-01-02T03:04:05Z -RateLimit 10000
}

AfterAll { Exit-TestAccount }

Describe 'The control of a sandbox' {
    BeforeEach { Reset-MeshiaSandbox -Confirm:$false }

    It 'asserts on the requests that a runbook has sent' {
        $null = New-MeshiaSession llama-finetune rtx4090
        Get-MeshiaSandboxRequest -Method POST -Path /sessions | Should -HaveCount 1
        $request = Get-MeshiaSandboxRequest -Method POST
        $request.Path | Should -Be '/sessions'
        $request.Status | Should -Be 201
        ($request.Body | ConvertFrom-Json).name | Should -Be 'llama-finetune'
        $request.Headers.Authorization | Should -Be 'Bearer (redacted)'
        $request.At | Should -Be ([datetimeoffset] '2030-01-02T03:04:05Z')
        Clear-MeshiaSandboxRequest
        Get-MeshiaSandboxRequest | Should -BeNullOrEmpty
    }

    It 'adds, shows and removes faults' {
        $fault = Add-MeshiaSandboxFault 'GET /sessions' Status -Status 400 -Count 1
        { Get-MeshiaSession -ErrorAction Stop } | Should -Throw
        Get-MeshiaSession | Should -BeNullOrEmpty
        ($fault | Get-MeshiaSandboxFault).Hits | Should -Be 1
        (Get-MeshiaSandboxRequest -Path /sessions)[0].Fault | Should -Be "$($fault.Id) Status"
        $fault | Remove-MeshiaSandboxFault
        Get-MeshiaSandboxFault | Should -BeNullOrEmpty
        $null = Add-MeshiaSandboxFault session FailToStart
        $null = Add-MeshiaSandboxFault * Throttle -RetryAfter Date -Probability 0 -Seed 7 -Skip 2
        Get-MeshiaSandboxFault | Should -HaveCount 2
        Remove-MeshiaSandboxFault -All
        Get-MeshiaSandboxFault | Should -BeNullOrEmpty
    }

    It 'moves the clock' {
        $session = New-MeshiaSession llama-finetune rtx4090
        (Step-MeshiaSandbox 2).Now | Should -Be ([datetimeoffset] '2030-01-02T03:04:07Z')
        (Get-MeshiaSession $session.Id).Status | Should -Be running
        (Step-MeshiaSandbox -To 2030-01-02T03:10:00Z).Now | Should -Be ([datetimeoffset] '2030-01-02T03:10:00Z')
        Send-MeshiaSandboxEvent session.activity -SessionId $session.Id
        $null = Step-MeshiaSandbox -Hours 0.25
        (Get-MeshiaSession $session.Id).Status | Should -Be running
        (Step-MeshiaSandbox -UntilIdle).Events | Should -BeGreaterThan 0
        (Get-MeshiaSession $session.Id).Status | Should -Be stopped
    }

    It 'adds an experiment of its own' {
        $session = New-MeshiaSession llama-finetune rtx4090
        $added = Add-MeshiaSandboxExperiment $session.Id -Name mine -Config @{ lr = 0.5 } -Metrics @{ loss = 0.25 } -History @{ acc = 0.1, 0.9 } -Artifact @{ name = 'a.txt'; text = 'hello' }
        $experiment = Get-MeshiaExperiment -Id $added.Id
        $experiment.Name | Should -Be mine
        $experiment.Metrics.acc | Should -Be 0.9
        (Get-MeshiaArtifact $added.Id).Name | Should -Be a.txt
        (Add-MeshiaSandboxExperiment $session.Id -Status failed -ErrorMessage 'out of memory').Error | Should -Be 'out of memory'
    }

    It 'sends events and shows the deliveries' {
        $null = Register-MeshiaWebhook http://127.0.0.1:1/hook plan.completed
        Send-MeshiaSandboxEvent plan.completed -Data @{ plan_id = 'plan_1' }
        $null = Step-MeshiaSandbox 60
        $deliveries = @(Get-MeshiaSandboxDelivery | Where-Object Event -EQ plan.completed)
        $deliveries | Should -HaveCount 4
        $deliveries[0].RequestBody | Should -Match '"plan_id":"plan_1"'
    }

    It 'keeps the state in a file and takes it back' {
        $session = New-MeshiaSession llama-finetune rtx4090
        $file = Export-MeshiaSandboxState (Join-Path $TestDrive state.json)
        Reset-MeshiaSandbox
        Get-MeshiaSession | Should -BeNullOrEmpty
        Import-MeshiaSandboxState $file.FullName
        (Get-MeshiaSession).Id | Should -Be $session.Id
    }

    It 'changes nothing with -WhatIf' {
        $null = New-MeshiaSession llama-finetune rtx4090
        $fault = Add-MeshiaSandboxFault 'GET /webhooks' Status
        Reset-MeshiaSandbox -WhatIf
        Clear-MeshiaSandboxRequest -WhatIf
        Remove-MeshiaSandboxFault -All -WhatIf
        Add-MeshiaSandboxFault * Status -WhatIf | Should -BeNullOrEmpty
        Step-MeshiaSandbox 60 -WhatIf | Should -BeNullOrEmpty
        Get-MeshiaSession | Should -HaveCount 1
        (Get-MeshiaSandboxFault).Id | Should -Be $fault.Id
        Get-MeshiaSandboxRequest -Method POST | Should -HaveCount 1
    }

    It 'says what is wrong with the code of the sandbox, once for each item' {
        $fault = Add-MeshiaSandboxFault 'GET /webhooks' Delay
        $found = Get-MeshiaSandboxFault flt_none, $fault.Id, flt_other -ErrorAction SilentlyContinue -ErrorVariable failures
        $found.Id | Should -Be $fault.Id
        $failures.FullyQualifiedErrorId | Should -Be (@('fault_not_found,Meshia.PowerShell.GetMeshiaSandboxFault') * 2)
        $failures.TargetObject | Should -Be 'flt_none', 'flt_other'
        $failure = { Add-MeshiaSandboxFault session CutAfter -ErrorAction Stop } | Should -Throw -PassThru
        $failure.Exception.Message | Should -Match 'FailToStart'
        { Select-MeshiaSandbox ([pscustomobject] @{ Name = 'x' }) } | Should -Throw
        { Select-MeshiaSandbox -BaseUri http://example.com -ApiKey ([securestring]::new()) } | Should -Throw '*https*'
        { Send-MeshiaSandboxEvent session.activity -ErrorAction Stop } | Should -Throw -ErrorId 'SessionIdMissing,*'
    }

    It 'controls the sandbox that was started last, or the one that is chosen' {
        $null = New-MeshiaSession here rtx4090
        $other = Start-MeshiaSandbox
        try {
            Get-MeshiaSandboxRequest | Should -BeNullOrEmpty
            $sandbox | Select-MeshiaSandbox
            Get-MeshiaSandboxRequest -Method POST | Should -HaveCount 1
            $other | Select-MeshiaSandbox
        }
        finally { $other | Stop-MeshiaSandbox }
        # The one that was chosen has ended.
        Get-MeshiaSandboxRequest -Method POST | Should -HaveCount 1
    }

    It 'completes what a parameter takes: <Line>' -ForEach @(
        @{ Line = 'Add-MeshiaSandboxFault '; Expected = 'session' }
        @{ Line = 'Add-MeshiaSandboxFault session Fail'; Expected = 'FailToStart' }
        @{ Line = 'Add-MeshiaSandboxFault * Throttle -RetryAfter D'; Expected = 'Date' }
        @{ Line = 'Get-MeshiaSandboxRequest -Path /sess'; Expected = '/sessions/{id}/stop' }
        @{ Line = 'Get-MeshiaSandboxRequest -Method P'; Expected = 'POST' }
        @{ Line = 'Send-MeshiaSandboxEvent plan.'; Expected = 'plan.needs_input' }
    ) {
        [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches.CompletionText | ForEach-Object { $_.Trim("'") } | Should -Contain $Expected
    }

    It 'completes ids of faults and sandboxes' {
        $fault = Add-MeshiaSandboxFault 'GET /webhooks' Delay
        foreach ($line in 'Get-MeshiaSandboxFault ', 'Remove-MeshiaSandboxFault ') {
            [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText | Should -Be $fault.Id
        }
        [System.Management.Automation.CommandCompletion]::CompleteInput('Stop-MeshiaSandbox ', 19, $null).CompletionMatches.CompletionText | Should -Contain "$($sandbox.ProcessId)"
    }
}
