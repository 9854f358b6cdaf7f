BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '../..'
    $hasAnalyzer = [bool] (Get-Module -ListAvailable PSScriptAnalyzer)
    $scripts = @(
        Get-Item $root/build.ps1
        Get-ChildItem $root/out/Meshia, $root/out/Meshia.Sandbox -Recurse -Include *.psd1, *.psm1
        Get-ChildItem $root/examples, $root/docs -Recurse -Filter *.ps1
    ) | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }
}

BeforeAll {
    . $PSScriptRoot/Setup.ps1
    $manifest = Test-ModuleManifest (Join-Path $PSScriptRoot '../../out/Meshia/Meshia.psd1')
}

Describe 'The manifest' {
    It 'exports cmdlets, and nothing else' {
        $commands = Get-Command -Module Meshia

        $commands.Name | Sort-Object | Should -Be ($manifest.ExportedCmdlets.Keys | Sort-Object)
        $commands.CommandType | Sort-Object -Unique | Should -Be 'Cmdlet'
        $manifest.ExportedAliases.Count + $manifest.ExportedFunctions.Count + $manifest.ExportedVariables.Count | Should -Be 0
    }

    It 'says for whom it is' {
        $manifest.CompatiblePSEditions | Should -Be 'Core', 'Desktop'
        $manifest.PowerShellVersion | Should -Be '5.1'
        $manifest.Description, $manifest.LicenseUri, $manifest.ProjectUri, $manifest.ReleaseNotes | Should -Not -BeNullOrEmpty
    }

    It 'can be read and changed as data' {
        foreach ($name in 'Meshia', 'Meshia.Sandbox') {
            $copy = Join-Path $TestDrive "$name.psd1"
            Get-ChildItem (Join-Path $PSScriptRoot "../../out/$name/$name.ps*1") | Copy-Item -Destination $TestDrive

            Update-PSModuleManifest -Path $copy -Prerelease preview1

            (Import-PowerShellDataFile $copy).RootModule | Should -Be "$name.psm1"
        }
    }

    It 'uses approved verbs and singular nouns: <_>' -ForEach @((Import-Module (Join-Path $PSScriptRoot '../../out/Meshia') -PassThru).ExportedCmdlets.Keys) {
        $verb, $noun = $_ -split '-'

        (Get-Verb).Verb | Should -Contain $verb
        $noun | Should -Match '^Meshia'
        $noun | Should -Not -Match '[^s]s$'
    }
}

Describe 'The module of the sandbox' {
    BeforeAll { $base = Join-Path $PSScriptRoot '../../out' }

    It 'imports Meshia, which lies beside it' {
        Invoke-PowerShell -Command "Import-Module '$base/Meshia.Sandbox'; (Get-Module Meshia, Meshia.Sandbox).Name; (Get-Command Start-MeshiaSandbox).Source" | Should -Be 'Meshia', 'Meshia.Sandbox', 'Meshia.Sandbox'
    }

    It 'loads by itself with Meshia where both are installed' {
        Invoke-PowerShell -Command "`$env:PSModulePath = '$base'; `$null = Start-MeshiaSandbox -WhatIf 6>&1; (Get-Module Meshia*).Name" | Select-Object -Last 2 | Should -Be 'Meshia', 'Meshia.Sandbox'
    }

    It 'says what is missing where it is alone' {
        $alone = Join-Path $TestDrive 'Meshia.Sandbox'
        Copy-Item "$base/Meshia.Sandbox" $alone -Recurse
        $output = Invoke-PowerShell -Command "`$env:PSModulePath = ''; try { Import-Module '$alone' } catch { `$_.Exception.Message }"
        ($output -join ' ') | Should -Match 'Install it from the same source'
    }

    It 'is not in Meshia' {
        (Get-Command -Module Meshia).Noun | Where-Object { $_ -match 'Sandbox' } | Should -BeNullOrEmpty
        Get-ChildItem "$base/Meshia" -Recurse -File | Where-Object Name -Match 'AspNetCore|Sqlite|Sandbox' | Should -BeNullOrEmpty
    }
}

Describe "PSScriptAnalyzer$(if (-not $hasAnalyzer) { ' (skipped: it is not installed)' })" -Skip:(-not $hasAnalyzer) {
    It 'finds nothing in <Name>' -ForEach $scripts {
        # One call of a function of the script's own reads well without names.
        $found = Invoke-ScriptAnalyzer $Path -ExcludeRule PSAvoidUsingPositionalParameters

        $found | ForEach-Object { '{0} line {1}: {2}' -f $_.RuleName, $_.Line, $_.Message } | Should -BeNullOrEmpty
    }
}
