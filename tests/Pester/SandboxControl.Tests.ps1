BeforeAll {
    . $PSScriptRoot/Setup.ps1
    Import-Module (Join-Path $PSScriptRoot '../../out/Meshia.Sandbox') -ErrorAction Stop
    Enter-TestAccount (Join-Path $TestDrive account)
    $sandbox = Start-MeshiaSandbox -Connect -Seed 42 -StandStill -StartTime 2030-01-02T03:04:05Z -RateLimit 10000
    $sandbox | Select-MeshiaSandbox
}

AfterAll {
    Exit-TestAccount
    Remove-Module Meshia.Sandbox
}

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

    It 'says what is wrong with the code of the sandbox' {
        $failure = { Get-MeshiaSandboxFault flt_none } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -Be 'fault_not_found,Get-MeshiaSandboxFault'
        $failure = { Add-MeshiaSandboxFault session CutAfter } | Should -Throw -PassThru
        $failure.Exception.Message | Should -Match 'FailToStart'
        { Select-MeshiaSandbox ([pscustomobject] @{ Name = 'x' }) } | Should -Throw '*Start-MeshiaSandbox*'
        { Select-MeshiaSandbox -BaseUri http://example.com -ApiKey ([securestring]::new()) } | Should -Throw '*https*'
    }

    It 'has help with examples for <_>' -ForEach (Get-ChildItem $PSScriptRoot/../../src/Meshia.Sandbox/Module -Recurse -Filter *-MeshiaSandbox*.ps1).BaseName {
        $help = Get-Help $_
        $help.Synopsis | Should -Not -BeNullOrEmpty
        @($help.Examples.Example).Count | Should -BeGreaterThan 0
        $name = $_
        foreach ($parameter in (Get-Command $name).Parameters.Keys | Where-Object { $_ -notin [System.Management.Automation.PSCmdlet]::CommonParameters -and $_ -notin 'WhatIf', 'Confirm' }) {
            (Get-Help $name -Parameter $parameter -ErrorAction SilentlyContinue).Description.Text | Should -Not -BeNullOrEmpty -Because "-$parameter"
        }
    }

    It 'exports what its files define and nothing else' {
        $files = (Get-ChildItem $PSScriptRoot/../../src/Meshia.Sandbox/Module -Recurse -Filter *-MeshiaSandbox*.ps1).BaseName | Sort-Object
        (Get-Command -Module Meshia.Sandbox).Name | Sort-Object | Should -Be $files
    }
}
