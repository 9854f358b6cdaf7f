BeforeDiscovery {
    $whyNot = if (-not (Get-Command Save-PSResource -ErrorAction Ignore)) { 'Microsoft.PowerShell.PSResourceGet is not installed' }
    elseif (-not (Get-Command dotnet -ErrorAction Ignore)) { 'there is no dotnet to pack with' }
}

Describe "The package, from a folder$(if ($whyNot) { " (skipped: $whyNot)" })" -Skip:([bool] $whyNot) {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        $root = Join-Path $PSScriptRoot '../..'
        $packages = Join-Path $TestDrive 'packages'
        # The module that is imported, and that other tests use, stays as it is.
        foreach ($project in 'Meshia.PowerShell', 'Meshia.Sandbox.PowerShell') {
            $output = dotnet pack $root/src/$project -c Release -o $packages "-p:ModuleDirectory=$TestDrive/modules/Meshia/" 2>&1
            $LASTEXITCODE | Should -Be 0 -Because ($output | Out-String)
        }
        Register-PSResourceRepository -Name MeshiaTest -Uri $packages -Trusted
        $version = (Test-ModuleManifest (Join-Path $PSScriptRoot '../../out/Meshia/Meshia.psd1')).Version.ToString()
    }

    AfterAll { Unregister-PSResourceRepository -Name MeshiaTest }

    It 'is found, with its cmdlets' {
        $found = Find-PSResource -Name Meshia -Repository MeshiaTest

        $found.Version | Should -Be $version
        $found.Type | Should -Be 'Module'
        $found.Includes.Cmdlet | Should -Contain 'Get-MeshiaSession'
    }

    It 'is saved, and works from there' {
        $null = New-Item -ItemType Directory -Path $TestDrive/saved
        Save-PSResource -Name Meshia, Meshia.Sandbox -Repository MeshiaTest -Path $TestDrive/saved

        $script = '$env:PSModulePath = $args[0]; $null = Start-MeshiaSandbox -Connect -ProvisioningSeconds 0; (New-MeshiaSession a rtx4090 -Wait).Status; Stop-MeshiaSandbox; (Get-Module Meshia).Version.ToString()'
        $output = Invoke-PowerShell -Command "& { $script } '$TestDrive/saved'"
        $output | Should -Be 'running', $version
    }
}
