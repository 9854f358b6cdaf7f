# What Windows does differently with files: names, paths, and other programs that hold a file for a moment.
Describe 'Files on Windows' -Skip:($PSEdition -eq 'Core' -and -not $IsWindows) {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive/account
        $sandbox = Start-TestSandbox
        $session = New-FinishedSession
        $experiments = @($session | Get-MeshiaExperiment -Status completed)
    }

    AfterAll { Exit-TestAccount }

    BeforeEach { Connect-Meshia (New-TestKey $sandbox) $sandbox.BaseUri }

    It 'saves files with names that Windows refuses or understands otherwise' {
        $names = '..\..\up.txt', 'C:\root.txt', 'C:relative.txt', '\\server\share\unc.txt', '\\?\device.txt', '/slash.txt', 'CON', 'nul.txt', 'COM1.log', 'LPT³', 'dot.', 'space ',
        'stream.txt:hidden', 'a*?"<>|.txt', 'Model.bin', 'model.bin', 'x.partial', ([char]::ConvertFromUtf32(0x1F970) + '.bin'), "tab`t.txt", ('long' * 80 + '.bin')
        $hostile = Add-MeshiaSandboxExperiment $session.Id -Name hostile -Status completed -Artifact ($names | ForEach-Object { @{ name = $_; text = "content of $_" } })
        $outside = @(Get-ChildItem $TestDrive).Count

        $files = @($hostile | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $TestDrive/hostile -ErrorAction Stop)

        $files.Name | Sort-Object -CaseSensitive | Should -Be ($names | Sort-Object -CaseSensitive)
        # The manifest is there besides.
        @(Get-ChildItem $TestDrive/hostile -Recurse -File -Force).Count | Should -Be ($names.Count + 1)
        @(Get-ChildItem $TestDrive).Count | Should -Be ($outside + 1) -Because 'nothing lies outside of the folder'
        foreach ($file in $files) { [System.IO.File]::ReadAllText($file.Path) | Should -Be "content of $($file.Name)" }
        # The name of a file is the same on every system and every version of it.
        $files.Path | Where-Object { $_ -like '*' + [char]::ConvertFromUtf32(0x1F970) + '.bin' } | Should -HaveCount 1
        @($hostile | Get-MeshiaArtifact | Save-MeshiaArtifact -Destination $TestDrive/hostile | Where-Object Downloaded) | Should -BeNullOrEmpty
    }

    It 'replaces files while a scanner holds each of them for a moment' {
        $artifacts = @($experiments | Get-MeshiaArtifact)
        $null = $artifacts | Save-MeshiaArtifact -Destination $TestDrive/scanned
        $scanner = Start-Scanner $TestDrive/scanned

        try { $files = @(1..2 | ForEach-Object { $artifacts | Save-MeshiaArtifact -Destination $TestDrive/scanned -Force -ErrorAction Stop }) }
        finally { $held = Stop-Scanner $scanner }

        $files.Count | Should -Be ($artifacts.Count * 2)
        $files | Where-Object Verified -NE Sha256 | Should -BeNullOrEmpty
        Get-ChildItem $TestDrive/scanned -Recurse -File -Filter *.partial* | Should -BeNullOrEmpty
        $held | Should -BeGreaterThan 0
    }

    It 'replaces a report while a scanner holds it for a moment' {
        $experiments[0, 1] | Compare-MeshiaExperiment | Export-MeshiaComparison $TestDrive/reports.csv
        $null = New-Item -ItemType Directory $TestDrive/reports
        Move-Item $TestDrive/reports.csv $TestDrive/reports/report.csv
        $scanner = Start-Scanner $TestDrive/reports

        try { 1..3 | ForEach-Object { $experiments[0, 1] | Compare-MeshiaExperiment | Export-MeshiaComparison $TestDrive/reports/report.csv -Force -ErrorAction Stop } }
        finally { $held = Stop-Scanner $scanner }

        (Get-ChildItem $TestDrive/reports).Name | Should -Be report.csv
        $held | Should -BeGreaterThan 0
    }

    It 'loses no profile between two writers, a reader and a scanner' {
        $env:MESHIA_CONFIG_PATH = (New-Item -ItemType Directory $TestDrive/profiles).FullName
        [Meshia.ConnectionProfileFile]::Save((New-TestProfile kept))
        $writers = 'first', 'second' | ForEach-Object {
            Start-Runspace {
                param($State, $Name)
                foreach ($number in 1..8) { [Meshia.ConnectionProfileFile]::Save((New-TestProfile "$Name$number")) }
            } $_
        }
        $reader = Start-Runspace {
            param($State)
            while (-not $State.Stop) {
                $State.Count++
                if (-not [Meshia.ConnectionProfileFile]::Find('kept')) { throw 'There is no profile.' }
            }
        }
        $scanner = Start-Scanner $env:MESHIA_CONFIG_PATH

        try { $writers | ForEach-Object { Stop-Runspace $_ -Wait } }
        finally { $held = Stop-Scanner $scanner }
        Stop-Runspace $reader

        [Meshia.ConnectionProfileFile]::Read().Count | Should -Be 17
        (Get-ChildItem $env:MESHIA_CONFIG_PATH).Name | Sort-Object | Should -Be profiles.json, profiles.json.lock
        $reader.State.Count | Should -BeGreaterThan 10
        $held | Should -BeGreaterThan 0
    }

    It 'keeps profiles in a folder of its owner, and reads none from a folder that others may write to' {
        $env:MESHIA_CONFIG_PATH = Join-Path (Get-Item $TestDrive).FullName private
        [Meshia.ConnectionProfileFile]::Save((New-TestProfile mine))
        $others = [System.Security.Principal.SecurityIdentifier]::new('S-1-1-0')

        $acl = Get-Acl -LiteralPath $env:MESHIA_CONFIG_PATH
        $acl.GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier]).IdentityReference.Value | Should -Not -Contain $others.Value
        [Meshia.ConnectionProfileFile]::Find('mine').Name | Should -Be mine

        $acl.AddAccessRule([System.Security.AccessControl.FileSystemAccessRule]::new($others, 'Modify', 'Allow'))
        Set-Acl -LiteralPath $env:MESHIA_CONFIG_PATH -AclObject $acl
        { [Meshia.ConnectionProfileFile]::Find('mine') } | Should -Throw "*Other users of this machine may write to '$env:MESHIA_CONFIG_PATH'*"
    }

    It 'names the file that another program keeps holding' {
        $folder = New-Item -ItemType Directory $TestDrive/held
        $artifact = @($experiments[0] | Get-MeshiaArtifact)[0]
        $file = $artifact | Save-MeshiaArtifact -Path $folder/model.bin
        $holder = [System.IO.File]::Open($file.Path, 'Open', 'Read', 'Read')

        try { $artifact | Save-MeshiaArtifact -Path $folder/model.bin -Force -ErrorVariable failure -ErrorAction SilentlyContinue }
        finally { $holder.Dispose() }

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'FileError,*'
        "$($failure[0])" | Should -BeLike "*$($file.Path)*"
        (Get-FileHash -LiteralPath $file.Path).Hash | Should -Be $artifact.Sha256
        Get-ChildItem $folder -Filter *.partial* | Should -BeNullOrEmpty
    }

    It 'saves to <what>' -ForEach @(
        @{ What = 'a path without the limit of 260 characters (\\?\)'; Destination = '\\?\{0}\device'; Folder = '{0}\device' }
        @{ What = 'a path of 300 characters'; Destination = '{0}\{1}'; Folder = '{0}\{1}' }
        @{ What = 'a folder below the current one of a drive'; Destination = '{2}relative'; Folder = '{0}\relative' }
        @{ What = 'a folder below the root of the current drive'; Destination = '{3}\rooted'; Folder = '{0}\rooted' }
        @{ What = 'a share'; Destination = '{4}\share'; Folder = '{4}\share' }
    ) {
        $share = Get-TestShare
        if ($destination -like '*{4}*' -and -not $share) { Set-ItResult -Skipped -Because 'MESHIA_TEST_SHARE names no folder of a share' }
        $root = (Get-Item $TestDrive).FullName
        $parts = $root, ('part-of-a-folder\' * 15 + 'end'), $root.Substring(0, 2), $root.Substring(2), $share
        $artifact = @($experiments[0] | Get-MeshiaArtifact -Name *.json)[0]

        Push-Location $root
        try { $file, $again = 1..2 | ForEach-Object { $artifact | Save-MeshiaArtifact -Destination ($destination -f $parts) -ErrorAction Stop } }
        finally { Pop-Location }

        $expected = [System.IO.Path]::Combine($folder -f $parts, $artifact.ExperimentId, 'metrics.json')
        [System.IO.File]::Exists($expected) | Should -BeTrue
        (Get-FileHash -LiteralPath $file.Path).Hash | Should -Be $artifact.Sha256
        $again.Downloaded | Should -BeFalse -Because 'it is there already'
    }

    It 'shows which way a metric is better in the code page <_>' -ForEach 437, 850, 932, 1252 {
        $before = [Console]::OutputEncoding
        try {
            [Console]::OutputEncoding = [System.Text.Encoding]::GetEncoding($_)
            $table = $experiments[0, 1] | Compare-MeshiaExperiment | Out-String -Width 160
            $written = [Console]::OutputEncoding.GetString([Console]::OutputEncoding.GetBytes($table))
        }
        finally { [Console]::OutputEncoding = $before }

        $written | Should -BeExactly $table -Because 'a log shows what was written'
        $written | Should -Match 'accuracy \^'
        $written | Should -Match 'loss v'
    }
}
