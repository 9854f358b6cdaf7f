BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../out/Meshia'), (Join-Path $PSScriptRoot '../../out/Meshia.Sandbox') -ErrorAction Stop
    $examples = foreach ($cmdlet in Get-Command -Module Meshia, Meshia.Sandbox) {
        foreach ($example in (Get-Help $cmdlet.Name -Full).examples.example) {
            @{ Cmdlet = $cmdlet.Name; Title = "$($example.title)".Trim('-', ' '); Code = $example.code }
        }
    }
}

Describe 'Examples of the help' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Add-StandInVault
    }

    AfterAll {
        Stop-MeshiaSandbox
        Remove-StandInVault
        Exit-TestAccount
    }

    BeforeEach {
        $variables = @(Get-ChildItem Env:MESHIA_*)
        # The sandbox of the example before, emptied, and with a new key. The ids of the examples are those of its seed.
        if ($script:kept) { Reset-MeshiaSandbox -Confirm:$false }
        else { $script:kept = Start-TestSandbox }
        $sandbox = $script:kept
        # A person at the keyboard, who has the key of the sandbox and not that of an account.
        $global:MeshiaTestKey = if ($code -match 'Reset-MeshiaSandbox') { $sandbox.GetApiKey() } else { ConvertTo-SecureString (New-TestKey $sandbox) -AsPlainText -Force }
        Connect-Meshia -ApiKey $global:MeshiaTestKey -BaseUri $sandbox.BaseUri -Save -Profile work
        New-FinishedSession | Out-Null
        Register-MeshiaWebhook https://hooks.example/meshia -AllEvents | Out-Null
        function global:Read-Host([switch] $AsSecureString, [string] $Prompt) { $global:MeshiaTestKey }
        $global:PSDefaultParameterValues['Connect-Meshia:BaseUri'] = $sandbox.BaseUri
        Push-Location (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid())))
        # A run of a pipeline, for no pull request.
        $env:GITHUB_ACTIONS = 'true'
        $env:GITHUB_STEP_SUMMARY = Join-Path $PWD 'step-summary.md'
    }

    AfterEach {
        # What an example sets for its process must not hold for the next one.
        Get-ChildItem Env:MESHIA_*, Env:GITHUB_ACTIONS, Env:GITHUB_STEP_SUMMARY | Remove-Item
        $variables | ForEach-Object { Set-Item "Env:$($_.Name)" $_.Value }
        Pop-Location
        $global:PSDefaultParameterValues.Remove('Connect-Meshia:BaseUri')
        Remove-Item function:global:Read-Host
        Remove-Variable MeshiaTestKey -Scope Global
        if ($code -match '(Start|Stop|Select)-MeshiaSandbox\b|Connect-Meshia -Sandbox') {
            Stop-MeshiaSandbox
            $script:kept = $null
        }
        Get-MeshiaConnection -ListAvailable | ForEach-Object { Disconnect-Meshia -Forget -Profile $_.Name }
    }

    It '<Cmdlet>, <Title>' -ForEach $examples {
        $sender = if ($code -match 'Receive-MeshiaWebhook') {
            Start-Delivery http://127.0.0.1:8787/, http://127.0.0.1:8787/hook, http://127.0.0.1:8787/meshia $global:MeshiaTestKey
        }
        try { $output = & ([scriptblock]::Create($code)) 2>&1 }
        finally { if ($sender) { $sender | Remove-Job -Force } }

        $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
    }
}

Describe 'Scripts in examples/' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        $examples = Join-Path $PSScriptRoot '../../examples'
    }

    # A service and a key of its own for each: no script meets what another one made, or waits for requests that another one sent.
    BeforeEach {
        $sandbox = Start-TestSandbox
        $experiment = @(New-FinishedSession | Get-MeshiaExperiment -Status completed)[0].Id
        $body = '{"event":"experiment.completed","timestamp":"' + [DateTime]::UtcNow.ToString('o') + '","session_id":"sess_a","data":{"experiment_id":"' + $experiment + '"}}'
        Disconnect-Meshia
        $env:MESHIA_API_KEY = $key = New-TestKey $sandbox
        $env:MESHIA_BASE_URI = $sandbox.BaseUri
    }

    AfterEach { Stop-MeshiaSandbox }

    AfterAll { Exit-TestAccount }

    It 'has a test here for each' {
        $tests = Get-Content $PSCommandPath -Raw

        Get-ChildItem $examples -Recurse -Filter *.ps1 | ForEach-Object {
            $name = $_.FullName.Substring((Get-Item $examples).FullName.Length + 1).Replace('\', '/')
            $tests | Should -Match ([regex]::Escape("It '$name"))
        }
    }

    It 'quickstart.ps1' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $output = Invoke-PowerShell -File $examples/quickstart.ps1 -Destination $TestDrive/quickstart 2>&1

        $LASTEXITCODE | Should -Be 0 -Because ($output | Out-String)
    }

    It 'gate.ps1' {
        $ids = @(Get-MeshiaExperiment -Status completed).Id

        (& $examples/gate.ps1 -Baseline $ids[0] -ExperimentId $ids[1] -MaxRegression 1000% -SummaryPath $TestDrive/gate.md 6>$null).Passed | Should -BeTrue
        $LASTEXITCODE | Should -Be 0
        (& $examples/gate.ps1 -Baseline $ids[0] -ExperimentId $ids[1] -Metric none -SummaryPath $TestDrive/gate.md 6>$null).Passed | Should -BeFalse
        $LASTEXITCODE | Should -Be 1
        $summary = Get-Content $TestDrive/gate.md -Raw
        $summary | Should -Match '# Gate: all 1 rules passed'
        $summary | Should -Match '# Gate: 1 of 1 rules failed'
    }

    It 'nightly-sweep.ps1' {
        $tests = & $examples/nightly-sweep.ps1 -Baseline $experiment -Repo github:user/a, github:user/b -MaxRegression 1000% -ReportPath $TestDrive/sweep.html 2>$null

        @($tests | Where-Object { -not $_.Passed }) | Should -BeNullOrEmpty
        @($tests).Count | Should -BeGreaterThan 3
        Get-MeshiaSession -Name nightly-* -Status provisioning, running | Should -BeNullOrEmpty
        "$TestDrive/sweep.html" | Should -Exist
    }

    It 'stop-old-sessions.ps1' {
        $session = New-MeshiaSession old rtx4090 github:user/repo -Wait

        & $examples/stop-old-sessions.ps1 | Should -BeNullOrEmpty
        & $examples/stop-old-sessions.ps1 -OlderThanHours 0 -Exclude old, llama* -WhatIf | Should -BeNullOrEmpty
        (& $examples/stop-old-sessions.ps1 -OlderThanHours 0 -Exclude llama*).Id | Should -Be $session.Id
    }

    It 'mirror-artifacts.ps1' {
        $files = & $examples/mirror-artifacts.ps1 -Destination $TestDrive/mirror -SessionName llama*

        @($files).Count | Should -BeGreaterThan 0
        $files.Path | ForEach-Object { $_ | Should -Exist }
    }

    It 'parallel.ps1' -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $tests = & $examples/parallel.ps1 -Rule @{ loss = '> 0' }

        $tests.ExperimentId | Should -Contain $experiment
    }

    It 'jobs-and-remoting.ps1' {
        $files = & $examples/jobs-and-remoting.ps1 -Destination $TestDrive/job

        @($files).Count | Should -BeGreaterThan 0
        $files.Path | ForEach-Object { $_ | Should -Exist }
    }

    It 'jobs-and-remoting.ps1, with what another computer would give' {
        # The objects come back as copies. No computer here takes remote commands.
        function Invoke-Command($ComputerName, $ScriptBlock) {
            & $ScriptBlock | ForEach-Object { [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($_)) }
        }

        $files = & $examples/jobs-and-remoting.ps1 -Destination $TestDrive/remote -ComputerName build-1

        @($files).Count | Should -BeGreaterThan 0
        $files.Path | ForEach-Object { $_ | Should -Exist }
    }

    It 'webhook-runbook.ps1' {
        function Get-AutomationVariable([string] $Name) { @{ MeshiaWebhookSecret = 'the secret'; MeshiaApiKey = $key }[$Name] }
        $data = [pscustomobject]@{ RequestBody = $body; RequestHeader = [pscustomobject]@{ 'X-Meshia-Signature' = Get-Signature $body 'the secret' } }

        $files = & $examples/webhook-runbook.ps1 -WebhookData $data -Destination $TestDrive/runbook

        $files.Count | Should -BeGreaterThan 0
        $files.Path | ForEach-Object { $_ | Should -Exist }
        $data.RequestBody += ' '
        { & $examples/webhook-runbook.ps1 -WebhookData $data -Destination $TestDrive/forged } | Should -Throw -ErrorId 'invalid_signature,*'
        "$TestDrive/forged" | Should -Not -Exist
    }

    It 'webhook-service.ps1' {
        $env:MESHIA_WEBHOOK_SECRET = 'the secret'
        $uri = "http://127.0.0.1:$(Get-FreePort)/meshia"
        $sender = Start-Delivery $uri (ConvertTo-SecureString 'the secret' -AsPlainText -Force) @{ experiment_id = $experiment }
        try { $files = & $examples/webhook-service.ps1 -Uri $uri -Destination $TestDrive/service -Count 1 }
        finally {
            $sender | Remove-Job -Force
            Remove-Item Env:MESHIA_WEBHOOK_SECRET
        }

        $files.Count | Should -BeGreaterThan 0
        $files.Path | ForEach-Object { $_ | Should -Exist }
    }

    It 'webhook-function/run.ps1' {
        # What the host of Azure Functions brings, and Azure DevOps, which is not there.
        $answers = [System.Collections.ArrayList]::new()
        $runs = [System.Collections.ArrayList]::new()
        function Push-OutputBinding($Name, $Value) { [void] $answers.Add($Value.StatusCode) }
        function Invoke-RestMethod($Uri, $Method, $Body, $ContentType, $Headers) { [void] $runs.Add($Body) }
        $env:MESHIA_WEBHOOK_SECRET = 'the secret'
        try {
            foreach ($secret in 'the secret', 'another secret') {
                $request = [pscustomobject]@{ RawBody = $body; Headers = @{ 'x-meshia-signature' = Get-Signature $body $secret } }
                & $examples/webhook-function/run.ps1 -Request $request
            }
        }
        finally { Remove-Item Env:MESHIA_WEBHOOK_SECRET }

        $answers | Should -Be 200, 401
        $runs.Count | Should -Be 1
        $runs[0] | Should -Match $experiment
    }
}
