. $PSScriptRoot/../Pester/Setup.ps1

# Runs a script in a runspace of its own, beside the test. Its first argument is a table: Stop is true when it must end.
function Start-Runspace([scriptblock] $Script, [object[]] $ArgumentList = @()) {
    $shell = [powershell]::Create()
    $state = [hashtable]::Synchronized(@{ Stop = $false; Count = 0 })
    $null = $shell.AddScript("Import-Module '$((Get-Module Meshia).ModuleBase)'; function New-TestProfile { ${function:New-TestProfile} }; & { $Script } @args").AddArgument($state)
    foreach ($argument in $ArgumentList) { $null = $shell.AddArgument($argument) }
    [pscustomobject]@{ Shell = $shell; State = $state; Run = $shell.BeginInvoke() }
}

# Ends it, or waits for its end. What failed in it fails here.
function Stop-Runspace($Runspace, [switch] $Wait) {
    if (-not $Wait) { $Runspace.State.Stop = $true }
    try {
        $Runspace.Shell.EndInvoke($Runspace.Run)
        if ($Runspace.Shell.Streams.Error.Count) { throw $Runspace.Shell.Streams.Error[0].Exception }
    }
    finally { $Runspace.Shell.Dispose() }
}

# As a virus scanner does, opens each file of a folder for a moment so that nobody else may open, rename or replace it.
function Start-Scanner([string] $Folder) {
    $scanner = Start-Runspace {
        param($State, $Folder)
        while (-not $State.Stop) {
            foreach ($path in [System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories')) {
                if ($path -like '*.lock') { continue }
                try { $file = [System.IO.File]::Open($path, 'Open', 'Read', 'None') }
                catch { continue }
                $State.Count++
                [System.Threading.Thread]::Sleep(50)
                $file.Dispose()
                [System.Threading.Thread]::Sleep(50)
            }
            [System.Threading.Thread]::Sleep(5)
        }
    } $Folder
    # Not before it works.
    while ([System.IO.Directory]::GetFiles($Folder, '*', 'AllDirectories') -and -not $scanner.State.Count -and -not $scanner.Run.IsCompleted) { [System.Threading.Thread]::Sleep(10) }
    $scanner
}

# Ends it, and says how often it held a file.
function Stop-Scanner($Scanner) {
    Stop-Runspace $Scanner
    $Scanner.State.Count
}

function New-TestProfile([string] $Name) {
    $made = [Meshia.ConnectionProfile]::new()
    $made.Name = $Name
    $made.BaseUri = 'https://meshia.example/api/v1'
    $made.Vault = 'SecretStore'
    $made.SecretName = "Meshia-$Name"
    $made
}

# A folder that is reached as \\server\share; nothing where there is none.
function Get-TestShare { $env:MESHIA_TEST_SHARE }
