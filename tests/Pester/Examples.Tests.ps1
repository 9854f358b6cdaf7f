BeforeDiscovery {
    Import-Module (Join-Path $PSScriptRoot '../../out/Meshia') -ErrorAction Stop
    $examples = foreach ($cmdlet in Get-Command -Module Meshia) {
        foreach ($example in (Get-Help $cmdlet.Name -Full).examples.example) {
            @{ Cmdlet = $cmdlet.Name; Title = "$($example.title)".Trim('-', ' '); Code = $example.code }
        }
    }
    $scripts = Get-ChildItem (Join-Path $PSScriptRoot '../../examples') -Filter *.ps1 | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

Describe 'Examples of the help' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Add-StandInVault
    }

    AfterAll {
        Remove-StandInVault
        Exit-TestAccount
    }

    BeforeEach {
        # The ids of the examples are those of this seed.
        $sandbox = Start-TestSandbox
        New-FinishedSession | Out-Null
        Register-MeshiaWebhook https://hooks.example/meshia -AllEvents | Out-Null
        Connect-Meshia -ApiKey $sandbox.GetApiKey() -BaseUri $sandbox.BaseUri -Save -Profile work
        # A person at the keyboard, who has the key of the sandbox and not that of an account.
        $global:MeshiaTestKey = $sandbox.GetApiKey()
        function global:Read-Host([switch] $AsSecureString, [string] $Prompt) { $global:MeshiaTestKey }
        $global:PSDefaultParameterValues['Connect-Meshia:BaseUri'] = $sandbox.BaseUri
        Push-Location (New-Item -ItemType Directory -Path (Join-Path $TestDrive ([guid]::NewGuid())))
    }

    AfterEach {
        Pop-Location
        $global:PSDefaultParameterValues.Remove('Connect-Meshia:BaseUri')
        Remove-Item function:global:Read-Host
        Remove-Variable MeshiaTestKey -Scope Global
        Stop-MeshiaSandbox
        Get-MeshiaConnection -ListAvailable | ForEach-Object { Disconnect-Meshia -Forget -Profile $_.Name }
    }

    It '<Cmdlet>, <Title>' -ForEach $examples {
        $output = & ([scriptblock]::Create($code)) 2>&1

        $output | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
    }
}

Describe 'Scripts in examples/' {
    It '<Name>' -ForEach $scripts -Skip:($PSVersionTable.PSVersion.Major -lt 7) {
        $pwsh = (Get-Process -Id $PID).Path
        $output = & $pwsh -NoProfile -File $path 2>&1

        $LASTEXITCODE | Should -Be 0 -Because ($output | Out-String)
    }
}
